import { Failure } from '../core/failure.ts';
import { dtypeBytes, elementCount, isDtype, type Dtype } from './dtypes.ts';
import { checkRange, type RangedFile } from './ranged.ts';
import { parseStrictJson, type Json } from './strictJson.ts';
import { decodeUtf8 } from './utf8.ts';

/** A header over this is refused, as by the format's own library. */
const headerLimitBytes = 100_000_000;
const rankLimit = 16;

/** Where a tensor lies in its file: little-endian, C order. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** From the start of the file. */
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface Safetensors {
  /** Of the file. */
  readonly name: string;
  /** In the order of their bytes. */
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly metadata: ReadonlyMap<string, string>;
  /** The raw bytes of a tensor. Failure BadFile when there is no such tensor. */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Open a safetensors file; its header is checked as a whole, payloads are not read.
 * @throws Failure BadFile naming file, tensor and numbers.
 */
export async function openSafetensors(file: RangedFile): Promise<Safetensors> {
  if (file.sizeBytes < 8) refuse(file.name, `too short for a header, ${file.sizeBytes} bytes`);
  const headerBytes = headerLength(await file.read(0, 8), file.name, file.sizeBytes);
  const { entries, metadata } = parseSafetensorsHeader(await file.read(8, headerBytes), file.name, file.sizeBytes);
  return {
    name: file.name,
    entries,
    metadata,
    async read(name) {
      const entry = entries.get(name);
      if (entry === undefined) return refuse(file.name, `there is no tensor ${name}`);
      checkRange(file, entry.offset, entry.sizeBytes);
      return file.read(entry.offset, entry.sizeBytes);
    },
  };
}

/** Length of the JSON header from the file's first 8 bytes, checked against the file's size. */
export function headerLength(first8: Uint8Array, fileName: string, fileSizeBytes: number): number {
  const length = new DataView(first8.buffer, first8.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(headerLimitBytes)) {
    refuse(fileName, `the header claims a length of ${length} bytes, the limit is ${headerLimitBytes}`);
  }
  if (8 + Number(length) > fileSizeBytes) {
    refuse(
      fileName,
      `the header claims a length of ${length} bytes, beyond the end of the file (${fileSizeBytes} bytes)`,
    );
  }
  return Number(length);
}

/** The tensors that a header (the JSON's bytes, without the length before it) describes. */
export function parseSafetensorsHeader(
  json: Uint8Array,
  fileName: string,
  fileSizeBytes: number,
): Pick<Safetensors, 'entries' | 'metadata'> {
  const header = parseHeaderJson(json, fileName);
  const dataStart = 8 + json.byteLength;
  const entries: TensorEntry[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of header) {
    if (name === '__metadata__') metadata = parseMetadata(value, fileName);
    else entries.push(parseEntry(name, value, dataStart, fileName));
  }
  // Empty tensors share their offset with the one behind them, so size decides between equals.
  entries.sort((a, b) => a.offset - b.offset || a.sizeBytes - b.sizeBytes);
  checkCoverage(entries, dataStart, fileName, fileSizeBytes);
  return { entries: new Map(entries.map((entry) => [entry.name, entry])), metadata };
}

function parseHeaderJson(json: Uint8Array, fileName: string): ReadonlyMap<string, Json> {
  const text = decodeUtf8(json);
  if (text === undefined) return refuse(fileName, 'the header is not UTF-8');
  if (text[0] !== '{') return refuse(fileName, 'the header is not a JSON object');
  try {
    return parseStrictJson(text) as ReadonlyMap<string, Json>;
  } catch (error) {
    return refuse(fileName, `the header cannot be parsed as ${(error as Error).message}`);
  }
}

function parseMetadata(value: Json, fileName: string): ReadonlyMap<string, string> {
  if (!(value instanceof Map)) return refuse(fileName, 'the metadata in the header are not an object');
  for (const [key, text] of value as ReadonlyMap<string, Json>) {
    if (typeof text !== 'string') refuse(fileName, `the metadata ${key.slice(0, 80)} in the header are not a text`);
  }
  return value as ReadonlyMap<string, string>;
}

function parseEntry(name: string, value: Json, dataStart: number, fileName: string): TensorEntry {
  const tensor = name.slice(0, 200);
  if (!(value instanceof Map)) return refuse(fileName, `the header entry of tensor ${tensor} is not an object`);
  const fields = value as ReadonlyMap<string, Json>;
  const dtype = fields.get('dtype');
  if (!isDtype(dtype)) {
    return refuse(fileName, `tensor ${tensor} has the unknown dtype ${String(dtype).slice(0, 40)}`);
  }
  const shape = fields.get('shape');
  if (!isWholeNumbers(shape) || shape.length > rankLimit) {
    return refuse(fileName, `the shape of tensor ${tensor} is not a list of at most ${rankLimit} whole numbers`);
  }
  const range = fields.get('data_offsets');
  if (!isWholeNumbers(range) || range.length !== 2 || range[0]! > range[1]!) {
    return refuse(fileName, `the offsets of tensor ${tensor} are not a range`);
  }
  const sizeBytes = range[1]! - range[0]!;
  const wantedBytes = elementCount(shape) * dtypeBytes[dtype];
  if (!Number.isSafeInteger(wantedBytes)) {
    return refuse(fileName, `the shape [${shape}] of tensor ${tensor} is too large`);
  }
  if (wantedBytes !== sizeBytes) {
    const mismatch = `the shape [${shape}] of tensor ${tensor} wants ${wantedBytes} bytes of ${dtype}`;
    return refuse(fileName, `${mismatch}, its offsets hold ${sizeBytes}`);
  }
  return { name, dtype, shape, offset: dataStart + range[0]!, sizeBytes };
}

function isWholeNumbers(value: Json | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

/** The payloads must cover the rest of the file without overlap and without hole. */
function checkCoverage(
  entries: readonly TensorEntry[],
  dataStart: number,
  fileName: string,
  fileSizeBytes: number,
): void {
  let end = dataStart;
  for (const { name, offset, sizeBytes } of entries) {
    if (offset + sizeBytes > fileSizeBytes) {
      const cause = `the offsets of tensor ${name.slice(0, 200)} end at byte ${offset + sizeBytes}`;
      refuse(fileName, `${cause}, beyond the end of the file (${fileSizeBytes} bytes), it may be truncated`);
    }
    if (offset < end) refuse(fileName, `the offsets of tensor ${name.slice(0, 200)} overlap the tensor before it`);
    if (offset > end)
      refuse(fileName, `a hole of ${offset - end} bytes lies before the offsets of tensor ${name.slice(0, 200)}`);
    end = offset + sizeBytes;
  }
  if (end < fileSizeBytes)
    refuse(fileName, `a hole of ${fileSizeBytes - end} bytes lies behind the offsets of the last tensor`);
}

function refuse(fileName: string, cause: string): never {
  throw new Failure('BadFile', `${fileName}: ${cause}; get the file again or convert it anew.`);
}
