import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceOfRun } from './sizes.ts';

describe('the commit that a result names', () => {
  let home: string;
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b.c', ...words], { cwd: home, stdio: 'pipe' })
      .toString()
      .trim();

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'unmask-commit-'));
    await cp(new URL('../../tools/commit.mjs', import.meta.url).pathname, join(home, 'tools', 'commit.mjs'));
  });
  afterAll(() => rm(home, { recursive: true }));

  it('is unknown without a repository, and nothing fails', async () => {
    expect(await sourceOfRun(home)).toEqual({ node: process.version, version: 'unknown', commit: 'unknown' });
  });

  it('is found among packed references and in a linked worktree', async () => {
    git('init', '--quiet');
    await writeFile(join(home, 'package.json'), '{ "version": "1.2.3" }');
    git('add', '.');
    git('commit', '--quiet', '--message', 'first');
    git('pack-refs', '--all');
    git('worktree', 'add', '--quiet', 'linked', '-b', 'other');
    const commit = git('rev-parse', 'HEAD');
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    expect(await sourceOfRun(home)).toMatchObject({ version: '1.2.3', commit });
    expect(await sourceOfRun(join(home, 'linked'))).toMatchObject({ version: '1.2.3', commit });
  });
});
