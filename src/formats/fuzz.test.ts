import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../core/parseManifest.ts';
import { allowRefusal, guarded, mutated, runs } from '../testing/fuzz.ts';
import { toF32 } from './dtypes.ts';
import { openFlaxCheckpoint } from './flaxMsgpack.ts';
import { crc32 } from './crc32.ts';
import { exifOrientation } from './exif.ts';
import { jpegHeader, webpHeader } from './photoHeader.ts';
import { decodePng, type Inflate } from './pngDecode.ts';
import { pngTexts } from './pngText.ts';
import { openSafetensors } from './safetensors.ts';

const good = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../golden/hostile/${file}`, import.meta.url)));
const inflate: Inflate = (bytes, limit) => inflateSync(bytes, { maxOutputLength: Math.max(limit, 1) });
describe(`${runs.numRuns} random and damaged files a format end in a picture, tensors or a plain refusal`, () => {
  it('safetensors', async () => {
    const header = fc
      .dictionary(
        fc.oneof(fc.constantFrom('w', '__metadata__', '__proto__', 'b'), fc.string()),
        fc.oneof(
          fc.record({
            dtype: fc.oneof(fc.constantFrom('F32', 'U8', 'BOOL', 'toString'), fc.string()),
            shape: fc.array(fc.oneof(fc.nat(5), fc.maxSafeNat(), fc.double())),
            data_offsets: fc.array(fc.oneof(fc.nat(40), fc.maxSafeNat(), fc.constant(-1)), { maxLength: 3 }),
          }),
          fc.jsonValue(),
        ),
      )
      .map((value) => {
        const json = Buffer.from(JSON.stringify(value));
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(json.byteLength));
        return Uint8Array.from(Buffer.concat([length, json, Buffer.alloc(32)]));
      });
    const files = fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated(good('ok.safetensors')), header);
    await fc.assert(
      fc.asyncProperty(files, (bytes) =>
        allowRefusal(async () => {
          const file = await openSafetensors(guarded(bytes));
          for (const [name, { dtype, sizeBytes }] of file.entries) {
            expect(toF32(await file.read(name), dtype).length).toBeLessThanOrEqual(sizeBytes);
          }
        }),
      ),
      runs,
    );
  });

  it('Flax msgpack', async () => {
    const files = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      mutated(good('ok.msgpack')),
      mutated(good('mp_chunked_lie.msgpack')),
      // Items whose counts and lengths lie, nested in each other.
      fc
        .array(fc.constantFrom(0x81, 0x82, 0x93, 0xdd, 0xdf, 0xc7, 0xc9, 0xc4, 0xc6, 0xa1, 0x77, 0x01, 0xcf, 0xd3, 0), {
          maxLength: 100,
        })
        .map((items) => Uint8Array.from(items)),
    );
    await fc.assert(
      fc.asyncProperty(files, (bytes) =>
        allowRefusal(async () => {
          const file = await openFlaxCheckpoint(guarded(bytes));
          for (const name of file.tensors.keys()) expect((await file.read(name)).byteLength).toBeLessThan(1000);
        }),
      ),
      runs,
    );
  });

  it('PNG', async () => {
    const files = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      mutated(good('ok.png')),
      mutated(good('png_text_html.png')),
      mutated(good('ok.png')).map(withTrueCrcs),
    );
    await fc.assert(
      fc.asyncProperty(files, (bytes) =>
        allowRefusal(async () => {
          pngTexts(bytes, 'fuzzed');
          const { width, height, rgba } = await decodePng(bytes, 'fuzzed', inflate, 1 << 16);
          expect(rgba.length).toBe(width * height * 4);
        }),
      ),
      runs,
    );
  });

  it('headers of JPEG, WebP and EXIF', () => {
    const photo = (name: string): Uint8Array =>
      new Uint8Array(readFileSync(new URL(`../../golden/pictures/${name}`, import.meta.url)));
    const files = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      mutated(photo('turned.jpg').subarray(0, 300)),
      mutated(photo('turned.webp')),
      mutated(photo('lossless.webp')),
    );
    fc.assert(
      fc.property(files, (bytes) => {
        for (const header of [jpegHeader(bytes), webpHeader(bytes)]) {
          if (header !== undefined) expect(header.width * header.height).toBeGreaterThanOrEqual(0);
        }
        expect(exifOrientation(bytes)).toBeLessThanOrEqual(8);
      }),
      runs,
    );
  });

  it('model.json', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(0, -1, 1e9, 1e300, '../x', '__proto__', null, [], {}));
    const change = fc.record({
      path: fc.array(
        fc.constantFrom(
          'config',
          'tokenizer',
          'transformer',
          'width',
          'heads',
          'grid',
          'rows',
          'shards',
          '0',
          'file',
          'sha256',
          'multipliers',
          'sampler',
          'steps',
          'groups',
          '__proto__',
        ),
        { minLength: 1, maxLength: 4 },
      ),
      value,
    });
    const manifests = fc.oneof(
      fc.anything(),
      fc.jsonValue(),
      fc.array(change, { maxLength: 3 }).map((changes) => changes.reduce(changed, model)),
    );
    await fc.assert(
      fc.asyncProperty(manifests, (json) =>
        allowRefusal(async () => expect(parseManifest(json, 'fuzzed').format).toBe('unmask-model')),
      ),
      runs,
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

/** The CRC of each chunk made right again, so that damage reaches the decoder behind it. */
function withTrueCrcs(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes);
  for (let offset = 8; offset + 12 <= file.byteLength;) {
    const end = offset + 8 + file.readUInt32BE(offset);
    if (end + 4 > file.byteLength) break;
    file.writeUInt32BE(crc32(file.subarray(offset + 4, end)), end);
    offset = end + 4;
  }
  return file;
}

const model: unknown = {
  format: 'unmask-model',
  version: 1,
  id: 'toy',
  name: 'Toy',
  config: {
    image: { size: 32, pixelArt: true },
    grid: { rows: 8, cols: 8 },
    tokenizer: {
      filters: 32,
      multipliers: [1, 2, 4],
      resBlocks: 1,
      groups: 8,
      groupEps: 1e-6,
      embedding: 16,
      codebook: 512,
    },
    transformer: {
      width: 192,
      layers: 6,
      heads: 6,
      mlp: 768,
      classes: 60,
      nullClass: true,
      layerEps: 1e-12,
      gelu: 'tanh',
    },
  },
  shards: [{ file: 'weights.safetensors', sizeBytes: 1000, sha256: 'a'.repeat(64) }],
  sampler: { steps: 8 },
};

/** A copy of the value with one part replaced. */
function changed(value: unknown, { path, value: part }: { path: readonly string[]; value: unknown }): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return part;
  const copy = JSON.parse(JSON.stringify(value ?? {})) as Record<string, unknown>;
  if (typeof copy !== 'object' || copy === null) return part;
  const inner = changed(Object.hasOwn(copy, key) ? copy[key] : {}, { path: rest, value: part });
  Object.defineProperty(copy, key, { value: inner, enumerable: true, writable: true, configurable: true });
  return copy;
}
