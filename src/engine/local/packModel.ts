import { Failure } from '../../core/failure.ts';
import { parseManifest } from '../../core/parseManifest.ts';
import { crc32 } from '../../formats/crc32.ts';
import type { RangedFile } from '../../formats/ranged.ts';
import { encodeUtf8 } from '../../formats/utf8.ts';
import type { ShardStore } from '../shardStore.ts';

const PIECE_BYTES = 8 * 2 ** 20;
/** Sizes and offsets of a plain zip have 32 bits. */
const MOST_BYTES = 2 ** 32 - 2 ** 20;

/**
 * The folder of a local model as a zip, stored without compression: weights do not shrink, and whoever unpacks it has
 * the folder that the command line reads. The zip is a Blob of Blobs where the store gives Blobs; nothing is held whole.
 * @param contentOf the content of a file, as something a Blob can be made of
 * @throws Failure BadFile
 */
export async function packModel(
  id: string,
  store: ShardStore,
  contentOf: (file: RangedFile) => Promise<BlobPart>,
): Promise<Blob> {
  const json = await store.find('model.json');
  if (json === undefined) throw new Failure('BadFile', `The model ${id} is no longer on this device.`);
  const text = new TextDecoder().decode(await json.read(0, json.sizeBytes));
  const { shards, assets } = parseManifest(JSON.parse(text), 'model.json');
  const assetFiles = [assets.atlas, assets.classThumbnails, ...(assets.recordings ?? [])];
  const names = ['model.json', ...shards.map(({ file }) => file), ...assetFiles.filter((name) => name !== undefined)];
  const parts: BlobPart[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const name of names) {
    const file = await store.find(name);
    if (file === undefined) continue;
    const entry = { path: encodeUtf8(`${id}/${name}`), crc: await crcOf(file), sizeBytes: file.sizeBytes };
    const header = localHeader(entry);
    parts.push(header, await contentOf(file));
    directory.push(directoryEntry(entry, offset));
    offset += header.length + file.sizeBytes;
  }
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  if (offset + directoryBytes > MOST_BYTES) {
    throw new Failure('BadFile', `The model ${id} is larger than the 4 GB that a zip may have.`);
  }
  return new Blob([...parts, ...directory, endRecord(directory.length, directoryBytes, offset)], {
    type: 'application/zip',
  });
}

interface Entry {
  readonly path: Uint8Array;
  readonly crc: number;
  readonly sizeBytes: number;
}

async function crcOf(file: RangedFile): Promise<number> {
  let crc = 0;
  for (let at = 0; at < file.sizeBytes; at += PIECE_BYTES) {
    crc = crc32(await file.read(at, Math.min(PIECE_BYTES, file.sizeBytes - at)), crc);
  }
  return crc;
}

/** Fields of 2 and 4 bytes after one another, little-endian. */
function record(fields: readonly (readonly [bytes: 2 | 4, value: number])[], text: Uint8Array = new Uint8Array()) {
  const length = fields.reduce((sum, [bytes]) => sum + bytes, 0);
  const out = new Uint8Array(length + text.length);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value >>> 0, true);
    at += bytes;
  }
  out.set(text, at);
  return out;
}

/** Version 2.0, names in UTF-8, stored, the first day that the format knows: the same model gives the same zip. */
const stored = ({ crc, sizeBytes, path }: Entry) =>
  [
    [2, 20],
    [2, 0x0800],
    [2, 0],
    [2, 0],
    [2, 0x21],
    [4, crc],
    [4, sizeBytes],
    [4, sizeBytes],
    [2, path.length],
    [2, 0],
  ] as const;

const localHeader = (entry: Entry) => record([[4, 0x04034b50], ...stored(entry)], entry.path);

const directoryEntry = (entry: Entry, offset: number) =>
  record([[4, 0x02014b50], [2, 20], ...stored(entry), [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]], entry.path);

const endRecord = (count: number, directoryBytes: number, offset: number) =>
  record([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, directoryBytes],
    [4, offset],
    [2, 0],
  ]);
