import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest, Shard } from '../core/manifest.ts';
import { Failure } from '../core/failure.ts';
import { isPlainFileName } from '../core/fields.ts';
import { parseManifest } from '../core/parseManifest.ts';
import { mismatchOf, refuseShard, type ModelSource, type ShardFile, type ShardWatch } from '../engine/source.ts';
import { kindOf, openFile, readJson } from './files.ts';
import { quoted, UsageError } from './flags.ts';

/** The folders of the models that ship, by id. */
export async function listModels(root: string): Promise<readonly { id: string; manifest: ModelManifest }[]> {
  const folder = join(root, 'public', 'models');
  const ids = (await readdir(folder).catch(() => [])).toSorted();
  const models = [];
  for (const id of ids) {
    const path = join(folder, id, 'model.json');
    if ((await kindOf(path)) === 'file') models.push({ id, manifest: parseManifest(await readJson(path), path) });
  }
  return models;
}

/**
 * The folder of a model named by id or by path.
 * @throws UsageError when no model has that id; Failure BadFile when the folder is not there or holds no model
 */
export async function modelFolder(root: string, model: string): Promise<string> {
  const shipped = join(root, 'public', 'models', model);
  if (isPlainFileName(model) && (await kindOf(join(shipped, 'model.json'))) === 'file') return shipped;
  if ((await kindOf(model)) === 'folder') {
    if ((await kindOf(join(model, 'model.json'))) === 'file') return model;
    throw new Failure('BadFile', `${model}: there is no model.json in this folder, make one with unmask import.`);
  }
  if (model !== '' && !isPlainFileName(model)) {
    const cause = (await kindOf(model)) === 'file' ? 'it is a file' : 'there is no such folder';
    throw new Failure('BadFile', `${model}: ${cause}; give a folder that unmask import wrote, or an id.`);
  }
  const ids = (await listModels(root)).map(({ id }) => id).join(', ');
  throw new UsageError(`There is no model ${quoted(model)}; the models here are ${ids || 'none'}, or give a folder.`);
}

/** A model's files in a folder, each shard compared with its size and sha256 before it is used. */
export function folderSource(folder: string): ModelSource {
  return {
    name: folder,
    manifest: () => readJson(join(folder, 'model.json')),
    async open(shard: Shard, { stop, onBytes, onVerify }: ShardWatch): Promise<ShardFile> {
      const file = await openFile(join(folder, shard.file));
      onBytes(file.sizeBytes, true);
      onVerify();
      const mismatch = await mismatchOf(file, shard, stop);
      if (mismatch === undefined) return file;
      await file.close();
      return refuseShard(mismatch);
    },
  };
}
