import { readdirSync, readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../core/failure.ts';
import { parseManifest } from '../core/parseManifest.ts';
import { toF32 } from './dtypes.ts';
import { openFlaxCheckpoint } from './flaxMsgpack.ts';
import { decodePng, type Inflate } from './pngDecode.ts';
import { pngTexts } from './pngText.ts';
import { memoryFile } from './ranged.ts';
import { openSafetensors } from './safetensors.ts';
import { writeSafetensors } from './writeSafetensors.ts';

interface HostileFile {
  readonly file: string;
  readonly wrong: string;
  readonly outcome: 'accept' | 'refuse' | 'refuse-or-correct' | 'refuse-or-last-wins';
  readonly message_should_mention_one_of: readonly string[];
  readonly values?: readonly number[];
}

const folder = new URL('../../golden/hostile/', import.meta.url);
const index = JSON.parse(readFileSync(new URL('README.json', folder), 'utf8')) as {
  files: HostileFile[];
};
const bytesOf = (file: string): Uint8Array => readFileSync(new URL(file, folder));
const inflate: Inflate = (bytes, limit) => inflateSync(bytes, { maxOutputLength: Math.max(limit, 1) });

/** Everything a format does with a file, ending in the values of its one tensor `w` (none for a picture). */
const readers: Readonly<Record<string, (file: string) => Promise<number[]>>> = {
  async st_(file) {
    const tensors = await openSafetensors(memoryFile(file, bytesOf(file)));
    const values: number[][] = [];
    for (const [name, { dtype }] of tensors.entries) values.push([...toF32(await tensors.read(name), dtype)]);
    return values.flat();
  },
  async mp_(file) {
    const checkpoint = await openFlaxCheckpoint(memoryFile(file, bytesOf(file)));
    const values: number[][] = [];
    for (const [name, { dtype }] of checkpoint.tensors) values.push([...toF32(await checkpoint.read(name), dtype)]);
    return values.flat();
  },
  async png_(file) {
    await decodePng(bytesOf(file), file, inflate);
    pngTexts(bytesOf(file), file);
    return [];
  },
  // These two are written in another project's words: their lies are told in the words of our model.json.
  async manifest_(file) {
    await loadToyManifest(file);
    return [];
  },
  async config_(file) {
    parseManifest(manifestOf(JSON.parse(String(readFileSync(new URL(file, folder))))), file);
    return [];
  },
};
const controls = new Map<string, (file: string) => Promise<number[]>>([
  ['ok.safetensors', readers['st_']!],
  ['ok.msgpack', readers['mp_']!],
  ['ok.png', readers['png_']!],
  ['ok_manifest.json', readers['manifest_']!],
]);

interface ToyManifest {
  readonly shards: readonly { url: string; bytes: number; sha256: string }[];
  readonly tensors: readonly { name: string; dtype: 'F32'; shape: number[]; offset: number; bytes: number }[];
}

/** The toy's shard list checked by `parseManifest`, its tensor ranges checked as a header of its shard. */
async function loadToyManifest(file: string): Promise<void> {
  const toy = JSON.parse(String(readFileSync(new URL(file, folder)))) as ToyManifest;
  const shards = toy.shards.map(({ url, bytes, sha256 }) => ({ file: url, sizeBytes: bytes, sha256 }));
  const manifest = parseManifest({ ...toy, ...manifestOf({}), shards }, file);
  const header = Object.fromEntries(
    toy.tensors.map(({ name, dtype, shape, offset, bytes }) => [
      name,
      { dtype, shape, data_offsets: [offset, offset + bytes] },
    ]),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.byteLength));
  const shard = Buffer.concat([length, json, bytesOf(manifest.shards[0]!.file)]);
  await openSafetensors(memoryFile(`${file} shard0.bin`, shard));
}

/** Our model.json that says what a hostile config of the openMUSE family says; its good numbers where it is silent. */
function manifestOf(config: Record<string, number>): Record<string, unknown> {
  const tokens = config['num_vq_tokens'] ?? 16;
  const side = Math.sqrt(tokens);
  return {
    format: 'unmask-model',
    version: 1,
    id: 'toy',
    name: 'Toy',
    config: {
      image: { size: 64 },
      grid: { rows: side, cols: side },
      transformer: {
        width: config['hidden_size'] ?? 32,
        layers: config['num_hidden_layers'] ?? 2,
        heads: config['num_attention_heads'] ?? 4,
        mlp: config['intermediate_size'] ?? 96,
        codebook: config['codebook_size'] ?? 48,
        classes: config['num_classes'] ?? 10,
        layerEps: config['layer_norm_eps'] ?? 1e-12,
      },
    },
    shards: [{ file: 'shard0.bin', sizeBytes: 64, sha256: '0'.repeat(64) }],
  };
}

function readerOf(file: string): ((file: string) => Promise<number[]>) | undefined {
  return controls.get(file) ?? Object.entries(readers).find(([prefix]) => file.startsWith(prefix))?.[1];
}

/** config_shape_mismatch.json is a true configuration: it lies about the weights, which import and load compare. */
const needsWeights = ['config_shape_mismatch.json', 'shard0.bin'];

describe('files of strangers', () => {
  let prototypeNames: number;
  beforeEach(() => {
    delete (globalThis as { __peerfix_canary?: unknown }).__peerfix_canary;
    prototypeNames = Object.getOwnPropertyNames(Object.prototype).length;
    vi.stubGlobal('fetch', vi.fn());
  });
  afterEach(() => {
    expect(globalThis).not.toHaveProperty('__peerfix_canary');
    expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(prototypeNames);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(fetch).not.toHaveBeenCalled();
    vi.unstubAllGlobals();
  });

  it('are all tried: every file in the folder has a reader (pickles and zips come with their reader)', () => {
    const present = readdirSync(folder).filter((file) => file !== 'README.json');
    expect(present.toSorted()).toEqual(index.files.map(({ file }) => file).toSorted());
    expect(present.filter((file) => readerOf(file) === undefined)).toEqual(['shard0.bin']);
    expect(present.filter((file) => /^(pkl|ten|zip|legacy)_/.test(file))).toEqual([]);
  });

  for (const entry of index.files.filter(({ file }) => !needsWeights.includes(file))) {
    it(`${entry.file} (${entry.wrong}): ${entry.outcome}`, { timeout: 5000 }, async () => {
      const read = readerOf(entry.file)!;
      const memoryBefore = process.memoryUsage().arrayBuffers;
      const startMs = performance.now();
      const outcome = await read(entry.file).catch((error: unknown) => error);
      expect(performance.now() - startMs).toBeLessThan(1000);
      expect(process.memoryUsage().arrayBuffers - memoryBefore).toBeLessThan(64 * 2 ** 20);
      expectOutcome(entry, outcome);
      const control = [...controls].find(([, reader]) => reader === read);
      await (control?.[1](control[0]) ?? readers['manifest_']!('ok_manifest.json'));
    });
  }
});

function expectOutcome(entry: HostileFile, outcome: unknown): void {
  if (!(outcome instanceof Error)) {
    expect(entry.outcome).not.toBe('refuse');
    // "refuse-or-correct" and "last wins" are refused by us where it says values; a picture has none.
    if (entry.values !== undefined) expect(outcome).toEqual(entry.values);
    return;
  }
  expect(entry.outcome, outcome.message).not.toBe('accept');
  expect(outcome).toBeInstanceOf(Failure);
  expect(outcome.name).toBe('BadFile');
  expect(outcome.message).toContain(entry.file);
  const words = entry.message_should_mention_one_of;
  const isNamed =
    words.length === 0 || words.some((word) => outcome.message.toLowerCase().includes(word.toLowerCase()));
  expect(isNamed, `${outcome.message} mentions none of ${words}`).toBe(true);
}

describe('a safetensors file', () => {
  it('whose name is written twice is refused rather than half-read', async () => {
    const once = writeSafetensors([{ name: 'w', dtype: 'U8', shape: [1], bytes: new Uint8Array([1]) }]);
    const text = Buffer.from(once)
      .toString('latin1')
      .replace('"w":', '"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"w":');
    const twice = Buffer.from(text, 'latin1');
    twice.writeBigUInt64LE(BigInt(twice.byteLength - 9));
    await expect(openSafetensors(memoryFile('twice', twice))).rejects.toThrow(/duplicate/);
  });
});
