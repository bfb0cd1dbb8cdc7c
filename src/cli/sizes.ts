import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

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
  const manifest = await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}');
  const { version = 'unknown' } = JSON.parse(manifest) as { version?: string };
  return { node: process.version, version, commit: await commitOf(root) };
}

/** As git tells it, which knows packed references and linked worktrees; 'unknown' without git or history. */
async function commitOf(root: string): Promise<string> {
  const head = promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: root });
  return head.then(({ stdout }) => stdout.trim()).catch(() => 'unknown');
}
