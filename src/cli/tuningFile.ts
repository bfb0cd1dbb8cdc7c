import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TuningStore } from '../engine/tuning/tuning.ts';
import { writeWhole } from './files.ts';

/** What was measured of this machine's adapters, in the user's folder for what may be lost. */
export function tuningFile(environment: NodeJS.ProcessEnv = process.env): TuningStore {
  const folder = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const file = join(folder, 'unmask', 'products.json');
  return {
    read: () => readFile(file, 'utf8').catch(() => undefined),
    write: (text) => writeWhole(file, text),
  };
}
