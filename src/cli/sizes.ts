import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Gzipped bytes of a build's scripts, as tools/size.mjs weighs them. */
export interface ScriptBytes {
  /** Loaded at once by the page, by the engine's worker, by the importer's; and what comes when it is wanted. */
  readonly pageBytes: number;
  readonly workerBytes: number;
  readonly importerBytes: number;
  readonly lazyBytes: number;
}

/** What the built page's scripts weigh; undefined before `npm run build`. */
export async function scriptBytes(root: string): Promise<ScriptBytes | undefined> {
  const tool = pathToFileURL(join(root, 'tools', 'size.mjs')).href;
  const { bundleSizes } = (await import(/* @vite-ignore */ tool)) as { bundleSizes: () => ScriptBytes | undefined };
  return bundleSizes();
}

/** What a result must name to be compared with another: versions and the commit, where they can be found. */
export async function sourceOfRun(root: string): Promise<{ node: string; version: string; commit: string }> {
  const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8').catch(() => '');
  const { version = 'unknown' } = JSON.parse((await read('package.json')) || '{}') as { version?: string };
  const head = (await read('.git/HEAD')).trim();
  const commit = head.startsWith('ref: ') ? (await read(join('.git', head.slice(5)))).trim() : head;
  return { node: process.version, version, commit: commit || 'unknown' };
}
