import { beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { openCheckpoint } from '../../formats/checkpoint.ts';
import { memoryFile, type RangedFile } from '../../formats/ranged.ts';
import { tensorOut, writeSafetensors } from '../../formats/writeSafetensors.ts';
import { openZip, type InflateRaw } from '../../formats/zip.ts';
import { openZipFolder } from '../../formats/zipFolder.ts';
import { zipBytes } from '../../testing/zipBytes.ts';
import { inflateRaw } from './inflate.ts';

/** Bytes that do not shrink, of which no two of a block's are the same far apart. */
function noise(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  crypto.getRandomValues(bytes.subarray(0, 65_536));
  for (let at = 65_536; at < count; at += 65_536) {
    const block = bytes.subarray(at, at + 65_536);
    block.set(bytes.subarray(0, block.length));
    block[0] = at / 65_536;
  }
  return bytes;
}

/** A file that counts what is read of it. */
function counted(file: RangedFile): RangedFile & { readBytes: number } {
  const own = {
    ...file,
    readBytes: 0,
    read: (offset: number, length: number) => {
      own.readBytes += length;
      return file.read(offset, length);
    },
  };
  return own;
}

/** A zip of one deflated entry `a`, which claims to hold `sizeBytes`. */
function claiming(sizeBytes: number, content: Uint8Array): RangedFile {
  const zip = zipBytes([{ name: 'a', content, isDeflated: true }]);
  zip.writeUInt32LE(sizeBytes, 22);
  zip.writeUInt32LE(sizeBytes, zip.lastIndexOf('PK\x01\x02') + 24);
  return memoryFile('bomb.zip', zip);
}

describe('a zip whose content is compressed and larger than 64 MiB', () => {
  const values = new Float32Array(noise(66 * 2 ** 20).buffer).map((value) => (Number.isFinite(value) ? value : 0));
  const last = new Float32Array([1, 2, 3]);
  let zip: RangedFile & { readBytes: number };
  beforeAll(() => {
    const weights = writeSafetensors([tensorOut('big', [values.length], values), tensorOut('last', [3], last)]);
    zip = counted(memoryFile('model.zip', zipBytes([{ name: 'm/w.safetensors', content: weights, isDeflated: true }])));
  });

  it('gives its tensors in any order', async () => {
    const { tensors } = await openCheckpoint(zip, inflateRaw);
    const read = async (name: string) => Buffer.from(await tensors.get(`m/w.safetensors/${name}`)!.read());
    expect((await read('last')).equals(Buffer.from(last.buffer))).toBe(true);
    expect((await read('big')).equals(Buffer.from(values.buffer))).toBe(true);
    expect((await read('last')).equals(Buffer.from(last.buffer))).toBe(true);
  });

  it('is inflated once, however often it is opened', async () => {
    await openZipFolder(zip, inflateRaw);
    zip.readBytes = 0;
    await (await openCheckpoint(zip, inflateRaw)).tensors.get('m/w.safetensors/last')!.read();
    expect(zip.readBytes).toBeLessThan(100_000);
  });
});

describe('a compressed entry', () => {
  const open = async (file: RangedFile) => (await openZip(file, inflateRaw)).open('a');

  it('is read in ranges, from the front and from the back', async () => {
    const content = noise(9 * 2 ** 20 + 7);
    const entry = await open(memoryFile('z', zipBytes([{ name: 'a', content, isDeflated: true }])));
    for (const [offset, length] of [
      [9 * 2 ** 20, 7],
      [0, 5],
      [2 ** 22 - 3, 9],
      [1, 2 ** 23],
      [5, 0],
    ] as const) {
      const found = Buffer.from(await entry.read(offset, length));
      expect(found.equals(content.subarray(offset, offset + length)), `${length} at ${offset}`).toBe(true);
    }
    await expect(entry.read(9 * 2 ** 20, 8)).rejects.toThrow(/beyond the end/);
  });

  it('that claims more than 1 GiB is refused before anything of it is read', async () => {
    const file = counted(claiming(2 ** 30 + 1, noise(100)));
    await expect(open(file)).rejects.toThrow(/"?a"? is too large to inflate here, 1073741825 bytes.*unzip it yourself/);
    expect(file.readBytes).toBeLessThan(1000);
  });

  it('that holds more than it claims is refused when the first byte too many comes out', async () => {
    const file = claiming(2 ** 20, new Uint8Array(2 ** 25));
    let seenBytes = 0;
    const watched: InflateRaw = (deflated, onPiece) =>
      inflateRaw(deflated, (piece) => {
        seenBytes += piece.byteLength;
        onPiece(piece);
      });
    const opened = (await openZip(file, watched)).open('a');
    await expect(opened).rejects.toThrow(/corrupt \(.*more than the 1048576 bytes that it says/);
    expect(seenBytes).toBeLessThan(2 ** 21);
  });

  it('that is cut or damaged is refused', async () => {
    await expect(open(claiming(101, noise(100)))).rejects.toThrow(/holds 100 bytes instead of 101/);
    const zip = zipBytes([{ name: 'a', content: noise(1000), isDeflated: true }]);
    zip[31] = 0xff;
    await expect(open(memoryFile('z', zip))).rejects.toThrow(/z: the compressed entry .* is corrupt/);
  });

  it('of a file that stops being read says so, and is no damaged one', async () => {
    const file = memoryFile('z', zipBytes([{ name: 'a', content: noise(500_000), isDeflated: true }]));
    const failing: RangedFile = {
      ...file,
      read: async (offset, length) => {
        if (offset > 200_000 && offset < 400_000) throw new Failure('Download', 'The connection was cut.');
        return file.read(offset, length);
      },
    };
    await expect(open(failing)).rejects.toMatchObject({ name: 'Download', message: 'The connection was cut.' });
  });
});
