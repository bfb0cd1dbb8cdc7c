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
  return (await tool<{ bundleSizes: () => ScriptBytes | undefined }>(root, 'size.mjs')).bundleSizes();
}

/** What a result must name to be compared with another: versions and the commit, where they can be found. */
export async function sourceOfRun(root: string): Promise<{ node: string; version: string; commit: string }> {
  const manifest = await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}');
  const { version = 'unknown' } = JSON.parse(manifest) as { version?: string };
  const { commitOf } = await tool<{ commitOf: (root: string) => string }>(root, 'commit.mjs');
  return { node: process.version, version, commit: commitOf(root) };
}

/** A module of tools/, which are plain JavaScript and loaded where they are. */
async function tool<Module>(root: string, name: string): Promise<Module> {
  return (await import(/* @vite-ignore */ pathToFileURL(join(root, 'tools', name)).href)) as Module;
}
