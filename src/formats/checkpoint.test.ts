import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pickle, tensor, text, torchZip } from '../testing/pickleBytes.ts';
import { inflateRaw, zipBytes, type ZipPart } from '../testing/zipBytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { firstNotFinite } from './finite.ts';
import { memoryFile } from './ranged.ts';
import { tensorOut, writeSafetensors } from './writeSafetensors.ts';
import { openZip } from './zip.ts';

const golden = (path: string): Uint8Array => readFileSync(new URL(`../../golden/${path}`, import.meta.url));
const open = (bytes: Uint8Array, name = 'dropped') => openCheckpoint(memoryFile(name, bytes), inflateRaw);
const words = (...texts: string[]): Uint8Array => Buffer.from(texts.join('\n'));

describe('a dropped file', () => {
  it('is recognised by its content, whatever it is called', async () => {
    const formats = [
      ['hostile/ok.safetensors', 'safetensors'],
      ['hostile-torch/ok_zip.pt', 'torch'],
      ['hostile-torch/ok_legacy.pth', 'torch legacy'],
      ['torch/legacy_protocol4.pt', 'torch legacy'],
      ['hostile/ok.msgpack', 'flax'],
      ['peers/flax-derived/maskgit_imagenet256_checkpoint', 'flax'],
    ] as const;
    for (const [path, format] of formats) expect(await open(golden(path), 'cat.png')).toMatchObject({ format });
  });

  it('that is no checkpoint is told what it is and what to do', async () => {
    const answers: readonly (readonly [Uint8Array, RegExp])[] = [
      [new Uint8Array(0), /^cat: the file is empty; download it again\.$/],
      [words('version https://git-lfs.github.com/spec/v1', 'oid sha256:0', 'size 9'), /Git-LFS pointer/],
      [words('\ufeff\n <!DOCTYPE html>', '<title>Sign in</title>'), /web page \(HTML\)/],
      [words('<html><body>'), /web page \(HTML\)/],
      [pickle(0x80, 2, '}', '.'), /Python pickle without tensors/],
      [words('{"a": 1}'), /JSON without weights.*choose the folder/],
      [words('[[["a", {}]]]'), /JSON without weights/],
      [words('{not json'), /not recognised/],
      [golden('hostile/ok.png'), /a picture \(PNG\)/],
      [Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), /a picture \(JPEG\)/],
      [golden('hostile/st_header_2pow63.safetensors'), /the header claims a length of 9223372036854775808 bytes/],
      [golden('hostile/st_header_array.safetensors'), /the header is not a JSON object/],
      [golden('hostile/mp_deep_nesting.msgpack'), /nested deeper than the limit of 32 levels/],
      [zipBytes([{ name: 'readme.txt', content: words('hello') }]), /neither data\.pkl/],
    ];
    for (const [bytes, message] of answers) {
      await expect(open(bytes, 'cat')).rejects.toMatchObject({
        name: 'BadFile',
        message: expect.stringMatching(message),
      });
    }
  });

  it('with a weight that is not finite names the tensor and the index, of every float type', async () => {
    const half = new Uint8Array(new Uint16Array([0x3c00, 0x7bff, 0xfc00]).buffer);
    const brain = new Uint8Array(new Uint16Array([0x3f80, 0x7f7f, 0x7fc0]).buffer);
    const single = new Uint8Array(new Float32Array([1, 3.4e38, -Infinity]).buffer);
    const double = new Uint8Array(new Float64Array([1, 1e308, NaN]).buffer);
    const tensors = [
      { name: 'half', dtype: 'F16', shape: [3], bytes: half },
      { name: 'brain', dtype: 'BF16', shape: [3], bytes: brain },
      { name: 'single', dtype: 'F32', shape: [3], bytes: single },
      { name: 'double', dtype: 'F64', shape: [3], bytes: double },
    ] as const;
    const opened = await open(writeSafetensors(tensors));
    for (const { name, dtype, bytes } of tensors) {
      await expect(opened.tensors.get(name)!.read()).rejects.toThrow(
        `the tensor ${name} has NaN or an infinite number`,
      );
      expect(firstNotFinite(bytes, dtype)).toBe(2);
      expect(firstNotFinite(bytes.subarray(0, (2 * bytes.length) / 3), dtype)).toBe(-1);
    }
    expect(firstNotFinite(new Uint8Array(8).fill(255), 'I64')).toBe(-1);
  });
});

describe('a zip', () => {
  const folder: readonly ZipPart[] = [
    { name: 'model/', content: new Uint8Array(0) },
    { name: 'model/config.json', content: golden('peers/openmuse/transformer/config.json'), isDeflated: true },
    {
      name: 'model/pytorch_model.bin',
      content: golden('peers/openmuse/transformer/pytorch_model.bin'),
      isDeflated: true,
    },
    { name: 'model/vq/a.safetensors', content: writeSafetensors([tensorOut('w', [2], new Float32Array([1, 2]))]) },
    { name: '__MACOSX/model/._config.json', content: words('x') },
  ];

  it('of a folder gives its checkpoints and its other files, stored or deflated, of 32 or 64 bits', async () => {
    for (const zip64 of [false, true]) {
      for (const comment of ['', 'made by hand']) {
        const opened = await open(zipBytes(folder, { zip64, comment }), 'model.zip');
        expect(opened.format).toBe('folder');
        expect([...opened.files.keys()]).toEqual(folder.slice(1, 4).map(({ name }) => name));
        expect(opened.tensors.size).toBe(43);
        expect(opened.tensors.get('model/pytorch_model.bin/mlm_layer.to_logits.bias')?.shape).toEqual([59]);
        expect(await opened.tensors.get('model/vq/a.safetensors/w')!.read()).toEqual(
          new Uint8Array(new Float32Array([1, 2]).buffer),
        );
        const config = opened.files.get('model/config.json')!;
        expect(JSON.parse(String(Buffer.from(await config.read(0, config.sizeBytes))))).toMatchObject({
          vocab_size: 59,
        });
      }
    }
  });

  it('of a checkpoint in shards gives one checkpoint, and refuses a tensor that two shards hold', async () => {
    const shard = (number: number, name: string): ZipPart => ({
      name: `m/model-0000${number}-of-00002.safetensors`,
      content: writeSafetensors([tensorOut(name, [1], new Float32Array([number]))]),
    });
    const opened = await open(zipBytes([shard(1, 'a'), shard(2, 'b')]));
    expect([...opened.tensors.keys()]).toEqual(['m/model.safetensors/a', 'm/model.safetensors/b']);
    await expect(open(zipBytes([shard(1, 'a'), shard(2, 'a')]))).rejects.toThrow(/in two files/);
    await expect(open(zipBytes([shard(1, 'a')]), 'm.zip')).rejects.toThrow(
      'm.zip: it is in 2 parts, and m/model-00002-of-00002.safetensors is not here; give the folder with all of them.',
    );
  });

  it('is read through its central directory: a stored entry costs its own bytes and its header', async () => {
    const zip = await openZip(memoryFile('z', zipBytes(folder, { comment: 'c' })), inflateRaw);
    const entry = await zip.open('model/vq/a.safetensors');
    await entry.verify();
    expect((await entry.read(0, 8)).byteLength).toBe(8);
    await expect(entry.read(entry.sizeBytes - 3, 4)).rejects.toThrow(/beyond the end/);
  });

  it('with damage in a part that nobody reads as a whole is still noticed', async () => {
    const bytes = zipBytes(folder);
    bytes[bytes.indexOf('{"w":{') + 4] = 32;
    const zip = await openZip(memoryFile('z', bytes), inflateRaw);
    await expect((await zip.open('model/vq/a.safetensors')).verify()).rejects.toThrow(/CRC-32/);
    // A view of half a storage, too, although only the half is read.
    const half = pickle('ctorch._utils\n_rebuild_tensor_v2\n((', text('storage'), 'ctorch\nFloatStorage\n', text('0'));
    const view = pickle(half, text('cpu'), 'K', 6, 'tQ', 'K', 0, 'K', 2, 0x85, 'K', 1, 0x85, 0x89, 'NtR');
    const file = torchZip(pickle('}', text('w'), view, 's.'));
    const damaged = Buffer.from(await file.read(0, file.sizeBytes));
    const good = await open(damaged);
    expect(await good.tensors.get('w')!.read()).toEqual(new Uint8Array(new Float32Array([1, 2]).buffer));
    damaged[damaged.indexOf(Buffer.from(new Float32Array([6]).buffer))] = 1;
    await expect((await open(damaged)).tensors.get('w')!.read()).rejects.toThrow(/CRC-32/);
  });

  it('of too much deflated content is refused before it is inflated', async () => {
    const zeros = { name: 'a/data/0', content: new Uint8Array(1 << 20), isDeflated: true };
    const data = { name: 'a/data.pkl', content: pickle('}', text('w'), tensor, 's.') };
    await expect(open(zipBytes([zeros, data]))).rejects.toThrow(/1048576 bytes, 24 are expected/);
    const zip = await openZip(memoryFile('z', zipBytes([zeros, data])), () => {
      throw new Error('inflated');
    });
    await expect(zip.open('a/data/0')).rejects.toThrow(/200 times/);
  });

  it('whose entries overlap, or that lies behind other bytes, is refused', async () => {
    const bytes = zipBytes([
      { name: 'a', content: words('hello') },
      { name: 'b', content: words('hello') },
    ]);
    const second = bytes.lastIndexOf('PK\x01\x02');
    bytes.writeUInt32LE(0, second + 42);
    await expect(open(bytes)).rejects.toThrow(/overlaps/);
    await expect(open(Buffer.concat([Buffer.from('PK\x03\x04'), zipBytes(folder)]))).rejects.toThrow(
      /local header|corrupt/,
    );
  });
});
