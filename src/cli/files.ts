import { constants } from 'node:fs';
import { access, mkdir, open, realpath, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from '../core/failure.ts';
import { checkRange, type RangedFile } from '../formats/ranged.ts';
import { UsageError } from './flags.ts';

/** A file on disk that is read in ranges and must be closed. */
export interface OpenFile extends RangedFile {
  close(): Promise<void>;
}

/** Open a file for ranged reads. @throws Failure BadFile with the path */
export async function openFile(path: string): Promise<OpenFile> {
  // Opening a pipe would else wait for somebody who writes into it.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) =>
    refuse(path, error),
  );
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

/**
 * Write a file so that it is there whole or not at all; folders on the way are made. What is no file (a pipe, a device)
 * is written into and stays what it is.
 * @throws Failure BadFile with the path
 */
export async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  let draft: string | undefined;
  try {
    const kind = await kindToWrite(path);
    if (kind === 'stream') return await writeFile(path, bytes);
    // A link stays a link, too.
    const target = kind === 'file' ? await realpath(path) : path;
    draft = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
    await makeFolder(dirname(target));
    await writeFile(draft, bytes);
    await rename(draft, target);
  } catch (error) {
    if (draft !== undefined) await rm(draft, { force: true }).catch(() => {});
    throw new Failure('BadFile', `${path}: it cannot be written (${causeOf(error)}).`, { cause: error });
  }
}

/** What a file would be written over. @throws the system's error for a folder */
async function kindToWrite(path: string): Promise<'file' | 'stream' | 'nothing'> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() || /[/\\]$/.test(path)) throw Object.assign(new Error(path), { code: 'EISDIR' });
  return found === undefined ? 'nothing' : found.isFile() ? 'file' : 'stream';
}

/**
 * Refuse what could not be written later, before any work is done for it. Nothing is made yet.
 * @throws Failure BadFile with the path; UsageError where two results would be written over each other
 */
export async function checkWritable(...paths: readonly (string | undefined)[]): Promise<void> {
  const seen = new Set<string>();
  for (const path of paths) {
    if (path === undefined) continue;
    await checkOne(path);
    if (seen.has(resolve(path))) throw new UsageError(`${path}: two results cannot be written to one file.`);
    seen.add(resolve(path));
  }
}

async function checkOne(path: string): Promise<void> {
  try {
    const isThere = (await kindToWrite(path)) !== 'nothing';
    if (isThere) return await access(path, constants.W_OK);
    let folder = dirname(path);
    while ((await kindOf(folder)) === 'nothing' && dirname(folder) !== folder) folder = dirname(folder);
    if ((await kindOf(folder)) === 'file') throw Object.assign(new Error(folder), { code: 'ENOTDIR' });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new Failure('BadFile', `${path}: it cannot be written (${causeOf(error)}).`, { cause: error });
  }
}

/** Not mkdir's own `recursive`: that never ends where a file system has no room for folders, as /proc has none. */
async function makeFolder(path: string): Promise<void> {
  if ((await kindOf(path)) === 'folder') return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path).catch((error: { code?: string }) => {
    if (error.code !== 'EEXIST') throw error; // another command may make it at the same time
  });
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
    ['EPERM', 'the system does not allow it'],
    ['EROFS', 'the disk is read-only'],
    ['EISDIR', 'it is a folder'],
    ['ENOTDIR', 'what should be a folder on the way is a file'],
    ['ENAMETOOLONG', 'the name is too long'],
    ['ENOSPC', 'the disk is full'],
  ]);
  return words.get(code ?? '') ?? code ?? String(error);
}
