import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Gzipped bytes of the built page's scripts and of its worker's; undefined before `npm run build`. */
export async function scriptBytes(dist: string): Promise<{ pageBytes: number; workerBytes: number } | undefined> {
  const folder = join(dist, 'assets');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.js'));
  if (names.length === 0) return undefined;
  const sizes = { pageBytes: 0, workerBytes: 0 };
  for (const name of names) {
    const { length } = gzipSync(await readFile(join(folder, name)));
    sizes[/worker/i.test(name) ? 'workerBytes' : 'pageBytes'] += length;
  }
  return sizes;
}

/** What a result must name to be compared with another: versions and the commit, where they can be found. */
export async function sourceOfRun(root: string): Promise<{ node: string; version: string; commit: string }> {
  const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8').catch(() => '');
  const { version = 'unknown' } = JSON.parse((await read('package.json')) || '{}') as { version?: string };
  const head = (await read('.git/HEAD')).trim();
  const commit = head.startsWith('ref: ') ? (await read(join('.git', head.slice(5)))).trim() : head;
  return { node: process.version, version, commit: commit || 'unknown' };
}
