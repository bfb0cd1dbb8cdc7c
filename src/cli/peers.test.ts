import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MASK } from '../core/grid.ts';
import { parseManifest } from '../core/parseManifest.ts';
import { toF32, toI32 } from '../formats/dtypes.ts';
import { openSafetensors } from '../formats/safetensors.ts';
import { tensorOut } from '../formats/writeSafetensors.ts';
import { expectClose } from '../testing/agreement.ts';
import { unmask } from '../testing/commandLine.ts';
import { loadGolden } from '../testing/golden.ts';
import { withFile } from './files.ts';
import { writeTrace } from './traces.ts';

const root = new URL('../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'unmask-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The exit code of a command and what it says on stderr. */
async function ended(...args: string[]): Promise<[code: number, said: string]> {
  const { code, err } = await unmask(args);
  return [code, err];
}

const positions = 16;
const codebook = 64;

interface Peer {
  readonly title: string;
  readonly path: string;
  readonly file: string;
  /** What shapes do not tell. */
  readonly options: readonly string[];
  /** Columns of the golden's logits, and its row that is the grid's first. */
  readonly columns: number;
  readonly firstRow: number;
  readonly tolerance: number;
  readonly config: object;
}

const peers: readonly Peer[] = [
  {
    title: 'a Halton-MaskGIT',
    path: 'peers/halton',
    file: 'ImageNet_256_tiny.pth',
    options: ['--heads', '3'],
    columns: 65,
    firstRow: 0,
    tolerance: 2.4e-4,
    config: {
      layers: 2,
      width: 24,
      mlp: 256,
      placement: 'adaptive',
      headWidth: 8,
      registers: 1,
    },
  },
  {
    title: 'a MaskGIT of valeo.ai’s first version',
    path: 'peers/valeo-v1',
    file: 'MaskGIT_ImageNet_256.pth',
    options: ['--heads', '4', '--codebook', '64'],
    columns: 76,
    firstRow: 0,
    tolerance: 1.2e-4,
    config: {
      layers: 2,
      width: 32,
      mlp: 64,
      placement: 'pre',
      classToken: 'last',
      maskRow: 'afterCodes',
      embeddingMlp: true,
      positionBias: true,
    },
  },
  {
    title: 'a MUSE U-ViT',
    path: 'peers/muse-uvit',
    file: 'nnet_ema.pth',
    options: ['--heads', '4', '--codebook', '64'],
    columns: 76,
    firstRow: 1,
    tolerance: 1.5e-4,
    config: {
      layers: 5,
      width: 32,
      mlp: 128,
      placement: 'pre',
      maskRow: 'afterCodes',
      longSkips: true,
      qkvBias: false,
    },
  },
];

describe.each(peers)('$title, imported by `unmask import`', (peer) => {
  const golden = loadGolden(`${peer.path}/golden.safetensors`);
  const model = join(folder, peer.path.replace('/', '-'));

  async function logits(row: number, classId: number): Promise<Float32Array> {
    const [tokens, trace] = [join(folder, 'tokens.safetensors'), join(folder, 'trace.safetensors')];
    const ids = Int32Array.from(golden.at('tokens', row), (id) => (id < codebook ? id : MASK));
    await writeTrace(tokens, [tensorOut('tokens', [positions], ids)]);
    const args = ['--model', model, '--tokens', tokens, '--class', `${classId}`, '--trace', trace];
    expect(await ended('logits', ...args)).toEqual([0, '']);
    return withFile(trace, async (file) => toF32(await (await openSafetensors(file)).read('logits'), 'F32'));
  }

  /** The columns of the codes in the rows of the grid. */
  function expected(name: string, row: number): Float32Array {
    const all = golden.at(name, row) as Float32Array;
    const rows = Array.from({ length: positions }, (_, p) => (peer.firstRow + p) * peer.columns);
    return Float32Array.from(rows.flatMap((start) => [...all.subarray(start, start + codebook)]));
  }

  it('has the configuration that its shapes tell', async () => {
    const file = join(root, 'golden', peer.path, peer.file);
    expect(await ended('import', '--transformer', file, '--out', model, ...peer.options)).toEqual([0, '']);
    const json: unknown = JSON.parse(readFileSync(join(model, 'model.json'), 'utf8'));
    const { config } = parseManifest(json, 'model.json');
    expect(config).toMatchObject({
      grid: { rows: 4, cols: 4 },
      transformer: { codebook, classes: 10, nullClass: true, ...peer.config },
    });
  });

  it.each([0, 1])('gives the logits of its own code for picture %i, with its class and with none', async (row) => {
    const classId = golden.i32('class')[row]!;
    for (const [name, id] of [
      ['logits', classId],
      ['logits_null', -1],
    ] as const) {
      // prettier-ignore
      const [found, wanted] = [await logits(row, id), expected(name, row)];
      expectClose(name, found, wanted, { abs: peer.tolerance, rel: 0 });
      expect(bestCodes(found)).toEqual(bestCodes(wanted));
    }
  });
});

describe('a network whose mask stands in front of its classes', () => {
  it('paints with guidance, beside a tokenizer of as many codes', async () => {
    const model = join(folder, 'both');
    const path = (name: string): string => join(root, 'golden', 'peers', name);
    const parts = ['--transformer', path('muse-uvit/nnet_ema.pth')];
    parts.push('--tokenizer', path('titok-vq/maskgit-vqgan-imagenet-f16-256.bin'));
    const untold = ['--heads', '4', '--groups', '4'];
    expect(await ended('import', ...parts, ...untold, '--out', model)).toEqual([0, '']);
    const [picture, trace] = [join(folder, 'x.png'), join(folder, 'x.safetensors')];
    const wish = ['--class', '9', '--steps', '3', '--guidance', '3', '--out', picture, '--trace', trace];
    expect(await ended('generate', '--model', model, ...wish)).toEqual([0, '']);
    const tokens = await withFile(trace, async (file) =>
      toI32(await (await openSafetensors(file)).read('finalTokens')),
    );
    expect(tokens.every((code) => code >= 0 && code < codebook)).toBe(true);
    expect(new Set(tokens).size).toBeGreaterThan(1);
  });
});

describe('a Halton-MaskGIT of a size that nobody published', () => {
  it.each([
    { options: [], said: /say how many with --heads/ },
    { options: ['--heads', '5'], said: /24 columns of query, key and value are not 5 heads of 4/ },
    { options: ['--heads', '3', '--codebook', '65'], said: /--codebook 65 contradicts/ },
  ])('is refused with the options $options', async ({ options, said }) => {
    const file = join(root, 'golden', 'peers/halton/ImageNet_256_tiny.pth');
    const [code, message] = await ended('import', '--transformer', file, '--out', join(folder, 'no'), ...options);
    expect(code).not.toBe(0);
    expect(message).toMatch(said);
  });
});

function bestCodes(values: Float32Array): number[] {
  return Array.from({ length: positions }, (_, p) => {
    const row = values.subarray(p * codebook, (p + 1) * codebook);
    return row.indexOf(Math.max(...row));
  });
}
