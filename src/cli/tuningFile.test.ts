import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tuningFile } from './tuningFile.ts';

it('keeps what was measured in the user’s cache folder, and finds nothing where there is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unmask-'));
  const store = tuningFile({ XDG_CACHE_HOME: folder });
  expect(await store.read()).toBeUndefined();
  await store.write('first, and longer');
  await store.write('second');
  expect(await tuningFile({ XDG_CACHE_HOME: folder }).read()).toBe('second');
  expect(await readdir(join(folder, 'unmask'))).toEqual(['products.json']);
});
