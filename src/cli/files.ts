import { constants } from 'node:fs';
import { mkdir, open, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { checkRange, type RangedFile } from '../formats/ranged.ts';

/** A file on disk that is read in ranges and must be closed. */
export interface OpenFile extends RangedFile {
  close(): Promise<void>;
}

/** Open a file for ranged reads. @throws Failure BadFile with the path */
export async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, constants.O_RDONLY).catch((error: unknown) => refuse(path, error));
  const { size, isFile } = await handle.stat().then((found) => ({ size: found.size, isFile: found.isFile() }));
  if (!isFile) {
    await handle.close();
    throw new Failure('BadFile', `${path}: it is not a file.`);
  }
  const file = { name: basename(path), sizeBytes: size };
  return { ...file, read: (offset, length) => readRange(handle, file, offset, length), close: () => handle.close() };
}

async function readRange(
  handle: FileHandle,
  file: { name: string; sizeBytes: number },
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  checkRange(file, offset, length);
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) {
      throw new Failure('BadFile', `${file.name}: it was truncated to ${offset + filled} bytes while it was read.`);
    }
    filled += bytesRead;
  }
  return bytes;
}

/** Use a file and close it whatever happens. */
export async function withFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  const file = await openFile(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** A whole file of at most `limitBytes`. @throws Failure BadFile with the path */
export async function readWhole(path: string, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  return withFile(path, (file) => {
    if (file.sizeBytes <= limitBytes) return file.read(0, file.sizeBytes);
    throw new Failure('BadFile', `${path}: ${file.sizeBytes} bytes are too large, the limit is ${limitBytes} bytes.`);
  });
}

/** Parse a JSON file of at most 16 MiB. @throws Failure BadFile with the path */
export async function readJson(path: string): Promise<unknown> {
  const bytes = await readWhole(path, 2 ** 24);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw new Failure('BadFile', `${path}: it is not JSON.`);
  }
}

/** Write a file so that it is there whole or not at all; folders on the way are made. */
export async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, bytes);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw new Failure('BadFile', `${path}: it cannot be written (${causeOf(error)}).`, { cause: error });
  }
}

/** Whether a path leads to a file, a folder or nothing. */
export async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 'nothing' : found.isDirectory() ? 'folder' : 'file';
}

function refuse(path: string, error: unknown): never {
  throw new Failure('BadFile', `${path}: it cannot be read (${causeOf(error)}).`, { cause: error });
}

/** What the system said, in words for the usual cases. */
function causeOf(error: unknown): string {
  const code = (error as { code?: string }).code;
  const words = new Map([
    ['ENOENT', 'there is no such file or folder'],
    ['EACCES', 'permission denied'],
    ['EISDIR', 'it is a folder'],
    ['ENOSPC', 'the disk is full'],
  ]);
  return words.get(code ?? '') ?? code ?? String(error);
}
