import { Failure } from '../core/failure.ts';
import { firstNotFinite } from './finite.ts';
import { openFlaxCheckpoint } from './flaxMsgpack.ts';
import { quoted } from './pickleValues.ts';
import type { RangedFile } from './ranged.ts';
import { openSafetensors } from './safetensors.ts';
import { openTorchFile, openTorchZip, isTorchZip, type CheckpointTensor } from './torchFile.ts';
import { isTorchLegacy } from './torchLegacy.ts';
import { openZip, type InflateRaw } from './zip.ts';
import { openZipFolder } from './zipFolder.ts';

export type CheckpointFormat = 'safetensors' | 'torch' | 'torch legacy' | 'flax' | 'folder';

/** A checkpoint of whatever format, opened but not read. */
export interface Checkpoint {
  /** Of the file. */
  readonly name: string;
  readonly format: CheckpointFormat;
  /**
   * Keys as the format writes them ('.' or '/' between levels). In a folder behind the path of their file and '/', for
   * shards behind that of the whole.
   */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  /** Plain values beside the tensors, as texts. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Of a folder: everything in it by path, with its configurations. Empty for other formats. */
  readonly files: ReadonlyMap<string, RangedFile>;
}

type Signature = 'safetensors' | 'zip' | 'torch legacy' | 'flax';
const headBytes = 512;

/**
 * Open a checkpoint, recognised by its content and never by its name. Nothing is run and no weights are read.
 * Tensors whose values are not finite refuse to be read.
 * @throws Failure BadFile: one sentence that names the file and what it is instead of a checkpoint.
 */
export async function openCheckpoint(file: RangedFile, inflate: InflateRaw): Promise<Checkpoint> {
  const head = await file.read(0, Math.min(file.sizeBytes, headBytes));
  const signature = signatureOf(head);
  if (signature === undefined) return refuseUnknown(file, head);
  const opened = await openers[signature](file, inflate);
  if (opened.format === 'folder') return opened;
  return { ...opened, tensors: new Map([...opened.tensors].map(([key, tensor]) => [key, finite(file, key, tensor)])) };
}

/** What the first bytes say that a file is; undefined for what is no checkpoint (a configuration, a picture). */
function signatureOf(head: Uint8Array): Signature | undefined {
  const startsWith = (bytes: readonly number[], at = 0) => bytes.every((byte, i) => head[at + i] === byte);
  if (startsWith([0x50, 0x4b, 3, 4]) || startsWith([0x50, 0x4b, 5, 6])) return 'zip';
  if (isTorchLegacy(head)) return 'torch legacy';
  // The length of a JSON header, less than 2^32, then '{'.
  if (startsWith([0, 0, 0, 0, 0x7b], 4)) return 'safetensors';
  if (isMapOfTexts(head)) return 'flax';
  return brokenSignatureOf(head);
}

/** What a damaged file was once, so that its reader can say what is wrong with it. */
function brokenSignatureOf(head: Uint8Array): Signature | undefined {
  const isText = head.subarray(0, 8).every((byte) => byte >= 9 && byte < 0x7f);
  const opening = String.fromCharCode(head[8] ?? 0);
  if (!isText && (opening === '{' || opening === '[')) return 'safetensors'; // a length or a header that lies
  return head.length > 4 && head.subarray(0, 4).every((byte) => byte > 0x90 && byte < 0xa0) ? 'flax' : undefined;
}

/** Whether a msgpack map starts here whose first key is a text. */
function isMapOfTexts(head: Uint8Array): boolean {
  const lead = head[0] ?? 0;
  const keyPlace = lead === 0xdf ? 5 : lead === 0xde ? 3 : lead > 0x80 && lead < 0x90 ? 1 : undefined;
  const key = keyPlace === undefined ? 0 : (head[keyPlace] ?? 0);
  return (key >= 0xa0 && key < 0xc0) || (key >= 0xd9 && key < 0xdc);
}

const openers: Readonly<Record<Signature, (file: RangedFile, inflate: InflateRaw) => Promise<Checkpoint>>> = {
  async zip(file, inflate) {
    const zip = await openZip(file, inflate);
    if (isTorchZip(zip)) return { ...(await openTorchZip(zip)), files: new Map() };
    return openFolder(file.name, await openZipFolder(file, inflate), inflate);
  },
  async 'torch legacy'(file, inflate) {
    return { ...(await openTorchFile(file, inflate)), files: new Map() };
  },
  async safetensors(file) {
    const { entries, metadata, read } = await openSafetensors(file);
    const tensors = new Map(
      [...entries].map(([key, { dtype, shape }]) => [key, { dtype, shape, read: () => read(key) }]),
    );
    return { name: file.name, format: 'safetensors', tensors, metadata, files: new Map() };
  },
  async flax(file) {
    const checkpoint = await openFlaxCheckpoint(file);
    const tensors = new Map(
      [...checkpoint.tensors].map(([key, { dtype, shape }]) => [
        key,
        { dtype, shape, read: () => checkpoint.read(key) },
      ]),
    );
    return { name: file.name, format: 'flax', tensors, metadata: new Map(), files: new Map() };
  },
};

/**
 * The checkpoints of a folder (dropped or zipped) as one; what is no checkpoint stays a file.
 * @throws Failure BadFile when it holds no checkpoint, or a damaged one.
 */
export async function openFolder(
  name: string,
  files: ReadonlyMap<string, RangedFile>,
  inflate: InflateRaw,
): Promise<Checkpoint> {
  const tensors = new Map<string, CheckpointTensor>();
  const metadata = new Map<string, string>();
  for (const [path, file] of files) {
    const signature = signatureOf(await file.read(0, Math.min(file.sizeBytes, headBytes)));
    if (signature === undefined) continue;
    if (signature === 'zip' && !isTorchZip(await openZip(file, inflate))) continue; // no folders within folders
    const part = await openers[signature](file, inflate);
    // Shards (model-00001-of-00003.safetensors) are one checkpoint in several files.
    const whole = path.replace(/-\d{5}-of-\d{5}(?=\.\w+$)/, '');
    for (const [key, tensor] of part.tensors) {
      const fullName = `${whole}/${key}`;
      if (tensors.has(fullName)) refuseTwice(name, fullName);
      tensors.set(fullName, finite(file, key, tensor));
    }
    for (const [key, text] of part.metadata) metadata.set(`${path}/${key}`, text);
  }
  refuseMissingShards(name, [...files.keys()]);
  if (tensors.size === 0) {
    throw new Failure(
      'BadFile',
      `${name}: it holds neither data.pkl (a PyTorch file) nor a checkpoint in a folder; choose another file.`,
    );
  }
  return { name, format: 'folder', tensors, metadata, files };
}

/** Weights in several files say in their names how many there are. */
const shardName = /^(.*)-(\d{5})-of-(\d{5})(\.\w+)$/;

/** Refuse a checkpoint in shards of which some are not here. */
export function refuseMissingShards(name: string, paths: readonly string[]): void {
  const shards = new Set(paths.filter((path) => shardName.test(path)));
  for (const path of shards) {
    const [, stem = '', , total = '', ending = ''] = shardName.exec(path)!;
    const numbers = Array.from({ length: Math.min(Number(total), 1000) }, (_, i) => String(i + 1).padStart(5, '0'));
    const missing = numbers.map((number) => `${stem}-${number}-of-${total}${ending}`).find((each) => !shards.has(each));
    if (missing === undefined) continue;
    const cause = `it is in ${Number(total)} parts, and ${missing} is not here`;
    throw new Failure('BadFile', `${name}: ${cause}; give the folder with all of them.`);
  }
}

function refuseTwice(name: string, key: string): never {
  throw new Failure(
    'BadFile',
    `${name}: the tensor ${quoted(key)} is in two files; keep the shards of one checkpoint.`,
  );
}

function finite(file: RangedFile, key: string, tensor: CheckpointTensor): CheckpointTensor {
  return {
    dtype: tensor.dtype,
    shape: tensor.shape,
    async read() {
      const bytes = await tensor.read();
      const index = firstNotFinite(bytes, tensor.dtype);
      if (index < 0) return bytes;
      const cause = `the tensor ${quoted(key)} has NaN or an infinite number (Inf) at index ${index}`;
      throw new Failure('BadFile', `${file.name}: ${cause}; the training that wrote it failed, choose another file.`);
    },
  };
}

function refuseUnknown(file: RangedFile, head: Uint8Array): never {
  throw new Failure('BadFile', `${file.name}: ${whatElse(head)}.`);
}

const pictures = [
  { signature: '\x89PNG', kind: 'PNG' },
  { signature: '\xff\xd8\xff', kind: 'JPEG' },
  { signature: 'RIFF', kind: 'WebP' },
];

function whatElse(head: Uint8Array): string {
  if (head.length === 0) return 'the file is empty; download it again';
  const raw = String.fromCharCode(...head);
  const text = raw
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
    .toLowerCase();
  if (text.startsWith('version https://git-lfs')) {
    return 'this is a Git-LFS pointer of a few bytes instead of the file; download the file itself (git lfs pull)';
  }
  if (/^<(!doctype|html|head|\?xml|!--)/.test(text)) {
    return 'this is a web page (HTML) instead of the file; open the link in a browser and download the file itself';
  }
  const picture = pictures.find(({ signature }) => raw.startsWith(signature));
  if (picture) return `this is a picture (${picture.kind}) instead of a checkpoint; choose the file with the weights`;
  if (/^[{[]\s*["{[\]}\d]/.test(text)) {
    return 'this is JSON without weights, its format is not recognised as one of a checkpoint; choose the folder it lies in';
  }
  if (head[0] === 0x80 && head[1]! <= 5) {
    return 'this is a Python pickle without tensors of PyTorch; save a state_dict with torch.save or safetensors';
  }
  return 'its format is not recognised; choose safetensors, a PyTorch file, Flax msgpack, or a zip of a folder with one';
}
