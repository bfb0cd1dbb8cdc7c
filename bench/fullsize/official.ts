import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFlaxFile } from './checkpointFiles.ts';
import { hashedValues, type HashedTensor } from './hashed.ts';
import { cache, imported, tell } from './measured.ts';

export type Size = 256 | 512;

/**
 * The official networks of this size with hashed weights, in Google's own file format and imported from there;
 * returns the model's folder. Every tensor is compared with the hash that golden/full-size knows it by.
 */
export async function officialModel(size: Size): Promise<string> {
  const transformer = await checkpoint(`maskgit${size}`, `maskgit${size}_manifest.json`);
  const tokenizer = await checkpoint('tok', 'tokenizer_manifest.json');
  return imported(`official-${size}`, { tokenizer, transformer });
}

async function checkpoint(tag: string, manifest: string): Promise<string> {
  const path = join(cache, `${tag}_checkpoint`);
  if (existsSync(path)) return path;
  await mkdir(cache, { recursive: true });
  const url = new URL(`../../golden/full-size/${manifest}`, import.meta.url);
  const tensors = JSON.parse(readFileSync(url, 'utf8')) as readonly (HashedTensor & { readonly sha256: string })[];
  const sinceMs = performance.now();
  const written = tensors.map((tensor) => ({ ...tensor, values: () => checked(tag, tensor) }));
  await writeFlaxFile(`${path}.part`, written);
  await rename(`${path}.part`, path);
  tell(tag, `${tensors.length} tensors written in ${((performance.now() - sinceMs) / 1000).toFixed(1)} s`);
  return path;
}

function checked(tag: string, tensor: HashedTensor & { readonly sha256: string }): Float32Array {
  const values = hashedValues(tag, tensor);
  const found = createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
  if (found !== tensor.sha256) throw new Error(`${tag}: ${tensor.name} has the hash ${found}, not ${tensor.sha256}`);
  return values;
}
