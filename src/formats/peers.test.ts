import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inflateRaw } from '../testing/zipBytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { dtypeBytes, elementCount, toF32, type Dtype } from './dtypes.ts';
import { memoryFile, type RangedFile } from './ranged.ts';

interface PeerTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sha256_16: string;
  readonly absmax: number;
}
interface Golden {
  readonly components: Readonly<Record<string, { file: string | readonly string[]; root_key: string | null }>>;
  readonly tensors?: Readonly<Record<string, Readonly<Record<string, PeerTensor>>>>;
  readonly shapes?: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  readonly keys: Readonly<Record<string, { used: readonly string[] }>>;
}

const root = new URL('../../golden/peers/', import.meta.url);
const folders = readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []));
const goldenOf = (folder: string): Golden => JSON.parse(String(readFileSync(new URL(`${folder}/golden.json`, root))));
const fileOf = (path: string): RangedFile => memoryFile(path, readFileSync(new URL(path, root)));
const open = (path: string) => openCheckpoint(fileOf(path), inflateRaw);
const dtypes: Readonly<Record<string, Dtype>> = { float32: 'F32', int64: 'I64', float16: 'F16' };

/** Every checkpoint of a folder with the key of its lists in golden.json and what stands before its tensors' names. */
function checkpointsOf(folder: string): { path: string; lists: string; prefix: string }[] {
  const separator = folder === 'flax-derived' ? '/' : '.';
  return Object.values(goldenOf(folder).components).flatMap(({ file, root_key }) =>
    [file].flat().map((name) => ({
      path: `${folder}/${name}`,
      lists: folder === 'openmuse' ? name.split('/')[0]! : name,
      prefix: root_key === null ? '' : `${root_key}${separator}`,
    })),
  );
}

describe("the peers' own checkpoints", () => {
  it('are nine folders', () => expect(folders).toHaveLength(9));

  for (const folder of folders) {
    const golden = goldenOf(folder);
    for (const { path, lists, prefix } of checkpointsOf(folder)) {
      it(`${path}: every tensor has its name, shape, type and bytes`, async () => {
        const { tensors } = await open(path);
        const listed = Object.entries(golden.tensors?.[lists] ?? {});
        const shapes = Object.entries(golden.shapes?.[lists] ?? {});
        expect(listed.length + shapes.length).toBeGreaterThan(30);
        for (const [name, { dtype, shape, sha256_16, absmax }] of listed) {
          const tensor = tensors.get(prefix + name);
          expect(tensor, name).toMatchObject({ dtype: dtypes[dtype], shape });
          const bytes = await tensor!.read();
          expect(createHash('sha256').update(bytes).digest('hex').slice(0, 16), name).toBe(sha256_16);
          const values = toF32(bytes, tensor!.dtype);
          expect(values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)).toBeCloseTo(absmax, 5);
        }
        for (const [name, shape] of shapes) {
          const tensor = tensors.get(prefix + name)!;
          expect(tensor.shape, name).toEqual(shape);
          expect(toF32(await tensor.read(), tensor.dtype)).toHaveLength(elementCount(shape));
        }
      });
    }
  }

  it('lose no weights to the foreign objects of a Lightning checkpoint, whose optimizers are listed, too', async () => {
    const { tensors, metadata } = await open('taming/last.ckpt');
    const names = [...tensors.keys()];
    expect(names.filter((name) => name.startsWith('state_dict.loss.discriminator.')).length).toBeGreaterThan(5);
    expect(names.filter((name) => name.startsWith('optimizer_states.0.state.0.'))).toHaveLength(3);
    expect(tensors.get('state_dict.loss.discriminator.main.3.num_batches_tracked')).toMatchObject({
      dtype: 'I64',
      shape: [],
    });
    expect(metadata.get('epoch')).toMatch(/^[0-9]+$/);
  });

  it('are read in the wanted parts only: optimizer states stay untouched', async () => {
    for (const folder of ['halton', 'valeo-v1', 'taming']) {
      const [{ path, lists, prefix }] = checkpointsOf(folder) as [{ path: string; lists: string; prefix: string }];
      const inner = fileOf(path);
      let readBytes = 0;
      const counted: RangedFile = {
        ...inner,
        read(offset, length) {
          readBytes += length;
          return inner.read(offset, length);
        },
      };
      const { tensors } = await openCheckpoint(counted, inflateRaw);
      readBytes = 0;
      let wantedBytes = 0;
      for (const name of goldenOf(folder).keys[lists]!.used) {
        const { dtype, shape, read } = tensors.get(prefix + name)!;
        await read();
        wantedBytes += elementCount(shape) * dtypeBytes[dtype] + 100; // and a local header
      }
      expect(readBytes).toBeLessThan(wantedBytes);
      expect(readBytes).toBeLessThan(0.6 * inner.sizeBytes);
    }
  });

  it('hold the same weights as a .bin and as safetensors', async () => {
    for (const part of ['transformer', 'vqgan']) {
      const bin = await open(`openmuse/${part}/pytorch_model.bin`);
      const safe = await open(`openmuse/${part}/pytorch_model.safetensors`);
      expect([bin.format, safe.format]).toEqual(['torch', 'safetensors']);
      expect([...bin.tensors.keys()].toSorted()).toEqual([...safe.tensors.keys()].toSorted());
      for (const [name, tensor] of bin.tensors) {
        const [ours, theirs] = [await tensor.read(), await safe.tensors.get(name)!.read()];
        expect(Buffer.compare(ours, theirs), name).toBe(0);
      }
    }
  });
});
