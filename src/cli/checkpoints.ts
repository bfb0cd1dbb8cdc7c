import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure } from '../core/failure.ts';
import type { WeightSource } from '../engine/import/checkpoint.ts';
import { kindOf, openFile, type OpenFile } from './files.ts';

/** A folder with more is not one that somebody saved a model to. */
const fileLimit = 200;

/**
 * The weights of `--tokenizer` or `--transformer`: a file, or a folder with weights and perhaps a config.json. Every
 * file that is opened goes into `open`, for the caller to close.
 * @throws Failure BadFile with the path
 */
export async function openWeights(path: string, open: OpenFile[]): Promise<WeightSource> {
  const add = async (filePath: string): Promise<OpenFile> => {
    const file = await openFile(filePath);
    open.push(file);
    return file;
  };
  if ((await kindOf(path)) !== 'folder') return add(path);
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.flatMap((entry) => (entry.isFile() && !entry.name.startsWith('.') ? [entry.name] : []));
  if (names.length > fileLimit) {
    throw new Failure('BadFile', `${path}: ${names.length} files are too many, choose the folder of one checkpoint.`);
  }
  const files = new Map<string, OpenFile>();
  for (const name of names.toSorted()) files.set(name, await add(join(path, name)));
  return { name: basename(path) || path, files };
}
