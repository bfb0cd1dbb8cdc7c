import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { kindOf } from './files.ts';

const weightFile = /(\.safetensors|\.msgpack|checkpoint)$/;

/** The weights of `--tokenizer` or `--transformer`: the file itself, or the one checkpoint in a folder. */
export async function readWeightsPath(path: string): Promise<string> {
  if ((await kindOf(path)) !== 'folder') return path;
  const found = (await readdir(path)).filter((name) => weightFile.test(name));
  if (found.length === 1) return join(path, found[0]!);
  const names = found.length === 0 ? 'none' : found.slice(0, 5).join(', ');
  throw new Failure(
    'BadFile',
    `${path}: a folder must hold one checkpoint (.msgpack, .safetensors, …_checkpoint), it holds ${names}.`,
  );
}
