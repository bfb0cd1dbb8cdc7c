import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { openCheckpoint } from '../../formats/checkpoint.ts';
import { elementCount } from '../../formats/dtypes.ts';
import { memoryFile, type RangedFile } from '../../formats/ranged.ts';
import { tensorOut, writeSafetensors } from '../../formats/writeSafetensors.ts';
import { runs } from '../../testing/fuzz.ts';
import { importModel, type ImportOptions } from './importModel.ts';
import { inflateRaw } from './inflate.ts';
import type { Role } from './fingerprints.ts';

const golden = (path: string): URL => new URL(`../../../golden/${path}`, import.meta.url);
const fileOf = (path: string): RangedFile => memoryFile(path.split('/').at(-1)!, readFileSync(golden(path)));

function imported(role: Role, file: RangedFile, options: Partial<ImportOptions> = {}) {
  return importModel({ [role]: file }, { id: 'toy', dtype: 'int8', ...options }, async () => {});
}

/** A refusal that says what to do, or a model; anything else, a crash above all, fails the test. */
async function refusalOf(work: Promise<unknown>): Promise<Failure | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(['BadFile', 'BadRequest']).toContain(error.name);
    expect(error.message.length).toBeLessThan(1000);
    return error;
  }
}

const hostile = ['hostile', 'hostile-torch'].flatMap((folder) =>
  readdirSync(golden(`${folder}/`)).map((name) => `${folder}/${name}`),
);

describe('a file of a stranger', () => {
  it('is refused by the import within a second, whatever it is offered as, and so is each of all hostile ones', async () => {
    const weights = hostile.filter((path) => /\.(safetensors|msgpack|pth?|zip|bin)$/.test(path));
    expect(weights.length).toBeGreaterThan(90);
    for (const path of weights) {
      for (const role of ['tokenizer', 'transformer'] as const) {
        // Processor time: other work on the machine is not the import's.
        const before = process.cpuUsage();
        expect(await refusalOf(imported(role, fileOf(path))), path).toBeInstanceOf(Failure);
        const { user, system } = process.cpuUsage(before);
        expect((user + system) / 1e6, `seconds of ${path}`).toBeLessThan(1);
      }
    }
  });
});

describe('a small file in which no network is recognised', () => {
  it.each([
    ['hostile-torch/zip_bad_crc.pt', /CRC-32/],
    ['hostile-torch/zip_bomb_real256m.pt', /256000000|too large|compressed more/],
    ['hostile-torch/ten_nan_inf.pt', /NaN/],
    ['hostile-torch/ok_zip.pt', /no tokenizer is recognised/],
  ])('is told what is damaged in it first: %s', async (path, cause) => {
    expect((await refusalOf(imported('tokenizer', fileOf(path))))?.message).toMatch(cause);
  });
});

/** A network by its names and shapes, which is all that decides what an import makes of it. */
interface Skeleton {
  readonly path: string;
  readonly role: Role;
  readonly options: Partial<ImportOptions>;
}

const skeletons: readonly Skeleton[] = [
  { path: 'peers/halton/ImageNet_256_tiny.pth', role: 'transformer', options: { heads: 3 } },
  { path: 'peers/hmorimitsu/maskgit_imagenet256.ckpt', role: 'transformer', options: { heads: 4, codebook: 48 } },
  { path: 'peers/valeo-v1/MaskGIT_ImageNet_256.pth', role: 'transformer', options: { heads: 4, codebook: 64 } },
  { path: 'peers/muse-uvit/nnet_ema.pth', role: 'transformer', options: { heads: 4, codebook: 64 } },
  { path: 'peers/llamagen-vq/vq_ds16_c2i.pt', role: 'tokenizer', options: { groups: 4 } },
  { path: 'peers/titok-vq/maskgit-vqgan-imagenet-f16-256.bin', role: 'tokenizer', options: { groups: 4 } },
];

const anyShape = fc.array(fc.oneof(fc.nat(3), fc.constantFrom(8, 10, 24, 32, 33, 64, 65, 1000)), { maxLength: 5 });
const change = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('reshape', 'reshape', 'drop', 'rename'),
  shape: anyShape.filter((shape) => elementCount(shape) <= 40_000),
});

describe.each(skeletons)('a network with shapes that nobody meant, from $path', ({ path, role, options }) => {
  it('is refused by name or imported, never a crash', async () => {
    const { tensors } = await openCheckpoint(fileOf(path), inflateRaw);
    const shapes = [...tensors].filter(([name]) => !/optimizer|loss|num_batches/.test(name));
    const fileWith = (entries: readonly (readonly [string, readonly number[]])[]): RangedFile => {
      const out = entries.map(([name, shape]) => tensorOut(name, shape, new Float32Array(elementCount(shape))));
      return memoryFile('skeleton.safetensors', writeSafetensors(out));
    };
    const whole = shapes.map(([name, { shape }]) => [name, shape] as const);
    expect(await refusalOf(imported(role, fileWith(whole), options))).toBeUndefined();
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const entries = new Map<string, readonly number[]>(whole);
        for (const { at, kind, shape } of changes) {
          const name = whole[at % whole.length]![0];
          if (kind === 'reshape') entries.set(name, shape);
          else entries.delete(name);
          if (kind === 'rename') entries.set(`${name.slice(0, -1)}.__proto__`, shape);
        }
        await refusalOf(imported(role, fileWith([...entries]), options));
      }),
      { numRuns: Math.ceil(runs.numRuns / 50) },
    );
  });
});
