import { execFileSync, spawn } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkWritable, openFile, writeWhole } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'unmask-files-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(inFolder('folder'));
writeFileSync(inFolder('file'), 'old');

function pipe(name: string): string {
  execFileSync('mkfifo', [inFolder(name)]);
  return inFolder(name);
}

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['a folder', inFolder('folder'), /folder: it cannot be written \(it is a folder\)\.$/],
  ['a folder that ends in a slash', `${inFolder('folder')}/`, /it is a folder/],
  ['a folder that is not there', `${inFolder('new')}/`, /it is a folder/],
  ['this folder', '.', /it is a folder/],
  ['the root', '/', /it is a folder/],
  ['a path through a file', inFolder('file/x'), /what should be a folder on the way is a file/],
];

describe('a file that is written', () => {
  it('is whole, in folders that are made on the way, and leaves no draft behind', async () => {
    const path = inFolder('a/b/c.txt');
    await writeWhole(path, 'hello');
    await writeWhole(path, 'again');
    expect([readFileSync(path, 'utf8'), readdirSync(inFolder('a/b'))]).toEqual(['again', ['c.txt']]);
  });

  it('goes where a link leads', async () => {
    symlinkSync(inFolder('linked.txt'), inFolder('link'));
    writeFileSync(inFolder('linked.txt'), 'old');
    await writeWhole(inFolder('link'), 'new');
    expect(readFileSync(inFolder('linked.txt'), 'utf8')).toBe('new');
    expect(lstatSync(inFolder('link')).isSymbolicLink()).toBe(true);
  });

  it('may be a pipe, which stays one', async () => {
    const path = pipe('out');
    const reader = spawn('cat', [path]);
    const heard = new Promise<string>((resolve) => reader.stdout.once('data', (data) => resolve(String(data))));
    await writeWhole(path, 'through');
    expect(await heard).toBe('through');
    expect(lstatSync(path).isFIFO()).toBe(true);
  });

  it.each(refused)('is refused where it cannot be, before and after the work: %s', async (_what, path, message) => {
    const failure = { name: 'BadFile', message: expect.stringMatching(message) };
    await expect(checkWritable(path)).rejects.toMatchObject(failure);
    await expect(writeWhole(path, 'x')).rejects.toMatchObject(failure);
    expect(readFileSync(inFolder('file'), 'utf8')).toBe('old');
  });

  it('is refused where the system makes no folders, instead of trying for ever', { timeout: 5000 }, async () => {
    await expect(writeWhole('/proc/unmask/a/b.png', 'x')).rejects.toThrow(/^\/proc\/.* it cannot be written/);
  });

  it('is refused where two would be written over each other', async () => {
    await expect(checkWritable(inFolder('one'), inFolder('./x/../one'))).rejects.toThrow(/one: two results/);
  });

  it('is foreseen to be possible without anything being made', async () => {
    await checkWritable(inFolder('new'), inFolder('x/y/z.png'), undefined, inFolder('file'));
    await checkWritable('unmask-in-this-folder.png');
    expect(readdirSync(folder).toSorted()).not.toContain('x');
  });
});

describe('a file that is read', () => {
  it('may not be a pipe, and nobody waits for one', { timeout: 5000 }, async () => {
    await expect(openFile(pipe('in'))).rejects.toThrow(/in: it is not a file/);
  });
});
