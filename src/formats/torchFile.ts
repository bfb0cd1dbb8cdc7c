import { dtypeBytes, type Dtype } from './dtypes.ts';
import { unpickle } from './pickle.ts';
import { quoted, refusePickle } from './pickleValues.ts';
import type { RangedFile } from './ranged.ts';
import { flatten, type FlatCheckpoint } from './stateDict.ts';
import { inCOrder, isTooScattered, spanOf } from './tensorView.ts';
import { isTorchLegacy, openTorchLegacy } from './torchLegacy.ts';
import { TorchPickleRules, type TorchStorage, type TorchView } from './torchPickle.ts';
import { openZip, type InflateRaw, type Zip } from './zip.ts';

/** Pickles of checkpoints have tens or hundreds of kilobytes. */
export const pickleLimitBytes = 32 * 2 ** 20;
/** "little" or "big", in an entry of its own. */
const byteOrderLimitBytes = 1024;

/** A tensor that is read when it is asked for. */
export interface CheckpointTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Little-endian bytes in C order, a copy. Failure BadFile when the file is damaged there. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

export interface TorchFile {
  /** Of the file. */
  readonly name: string;
  readonly format: 'torch' | 'torch legacy';
  /** By their path from the root, joined with '.': `state_dict.encoder.conv_in.weight`. In the order of the file. */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  /** Numbers and short texts beside the tensors, by their path; the first thousand. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Open what `torch.save` writes: a zip (since 1.6) or the older form. Only the pickle is read, and it is never run;
 * storages of tensors that nobody asks for (optimizer states) stay untouched.
 * @throws Failure BadFile naming file, place and cause.
 */
export async function openTorchFile(file: RangedFile, inflate: InflateRaw): Promise<TorchFile> {
  const head = await file.read(0, Math.min(file.sizeBytes, 32));
  if (isTorchLegacy(head)) {
    const { flat, blocks } = await openTorchLegacy(file, pickleLimitBytes);
    return torchFile(file.name, 'torch legacy', flat, async ({ key }) => blocks.get(key)!);
  }
  return openTorchZip(await openZip(file, inflate));
}

/** The same for a zip that is open already. */
export async function openTorchZip(zip: Zip): Promise<TorchFile> {
  const root = rootOf(zip);
  await checkByteOrder(zip, `${root}byteorder`);
  const pickleBytes = zip.entries.get(`${root}data.pkl`)!.sizeBytes;
  if (pickleBytes > pickleLimitBytes) {
    refusePickle(zip.name, `its pickle has ${pickleBytes} bytes, the limit is ${pickleLimitBytes}`);
  }
  const pickle = await zip.open(`${root}data.pkl`);
  const rules = new TorchPickleRules(zip.name);
  const { value } = unpickle(zip.name, await pickle.read(0, pickleBytes), rules);
  for (const { key, dtype, elements } of rules.storages.values()) {
    const entry = zip.entries.get(`${root}data/${key}`);
    if (entry === undefined) refusePickle(zip.name, `its storage ${quoted(key)} is missing, there is no such entry`);
    const wantedBytes = elements * dtypeBytes[dtype];
    if (entry!.sizeBytes !== wantedBytes) {
      refusePickle(zip.name, `its storage ${quoted(key)} has ${entry!.sizeBytes} bytes, ${wantedBytes} are expected`);
    }
  }
  return torchFile(zip.name, 'torch', flatten(value, zip.name), storageOpener(zip, root));
}

/** Stored entries are opened once, so that several views of one are checked once; inflated ones are not kept. */
function storageOpener(zip: Zip, root: string): (storage: TorchStorage) => Promise<StorageFile> {
  const opened = new Map<string, StorageFile>();
  return async ({ key }) => {
    const name = `${root}data/${key}`;
    const file = opened.get(key) ?? (await zip.open(name));
    if (zip.entries.get(name)?.method === 0) opened.set(key, file);
    return file;
  };
}

/** Whether a zip is one that torch.save wrote. */
export function isTorchZip(zip: Zip): boolean {
  return picklesOf(zip).length > 0;
}

function picklesOf(zip: Zip): string[] {
  return [...zip.entries.keys()].filter((name) => /^([^/]+\/)?data\.pkl$/.test(name));
}

/** The folder that everything lies in, with its '/'; its name is the file's of old. */
function rootOf(zip: Zip): string {
  const pickles = picklesOf(zip);
  if (pickles.length === 0) refusePickle(zip.name, 'data.pkl is missing, so it is not a torch file');
  if (pickles.length > 1) {
    refusePickle(zip.name, `it is ambiguous: two data.pkl (${pickles.slice(0, 2).map((name) => quoted(name))})`);
  }
  return pickles[0]!.slice(0, -'data.pkl'.length);
}

async function checkByteOrder(zip: Zip, name: string): Promise<void> {
  if (!zip.entries.has(name)) return; // files before torch 2.1 do not say, and are little-endian
  const file = await zip.open(name, byteOrderLimitBytes);
  const bytes = await file.read(0, Math.min(file.sizeBytes, 16));
  const order = String.fromCharCode(...bytes).trim();
  if (order === 'little') return;
  refusePickle(zip.name, `its byte order (byteorder) is "${quoted(order)}", only little-endian files can be read`);
}

/** The bytes of one storage. */
export interface StorageFile extends RangedFile {
  /** Where there is a checksum, compare it. */
  verify(): Promise<void>;
}

function torchFile(
  name: string,
  format: TorchFile['format'],
  { tensors, metadata }: FlatCheckpoint,
  openStorage: (storage: TorchStorage) => Promise<StorageFile>,
): TorchFile {
  const verified = new Set<TorchStorage>();
  const readView = async ({ storage, view }: TorchView, tensor: string): Promise<Uint8Array<ArrayBuffer>> => {
    if (isTooScattered(view)) refusePickle(name, `the tensor ${quoted(tensor)} is scattered over a storage too large`);
    const file = await openStorage(storage);
    const { offset, sizeBytes } = spanOf(view);
    // A read of the whole checks itself; a part is only as good as the whole it was cut from.
    if (sizeBytes < file.sizeBytes && !verified.has(storage)) await file.verify();
    const span = await file.read(offset, sizeBytes);
    verified.add(storage);
    return inCOrder(view, span);
  };
  return {
    name,
    format,
    metadata,
    tensors: new Map(
      [...tensors].map(([key, torchView]) => {
        const { dtype, shape } = torchView.view;
        return [key, { dtype, shape, read: () => readView(torchView, key) }];
      }),
    ),
  };
}
