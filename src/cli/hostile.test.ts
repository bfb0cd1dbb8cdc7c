import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { unmask } from '../testing/commandLine.ts';

const root = new URL('../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'unmask-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface HostileFile {
  readonly file: string;
  readonly outcome: string;
  readonly message_should_mention_one_of: readonly string[];
}

/** What stands beside weights (a configuration, a list of shards) or is a picture is told for what it is. */
const isNoCheckpoint = (file: string): boolean => /^(config_|manifest_|png_)/.test(file);

const hostile = ['hostile', 'hostile-torch'].flatMap((name) => {
  const at = join(root, 'golden', name);
  const { files } = JSON.parse(readFileSync(join(at, 'README.json'), 'utf8')) as { files: HostileFile[] };
  return readdirSync(at).flatMap((file) => {
    const entry = files.find((each) => each.file === file);
    return entry ? [{ path: join(at, file), ...entry }] : [];
  });
});

describe('`unmask import` of a hostile file', () => {
  it('tries them all', () => expect(hostile.length).toBeGreaterThan(110));

  it.each(hostile)('ends with exit code 3 and one sentence that names the cause: $file', async (entry) => {
    const { path, file, outcome, message_should_mention_one_of: words } = entry;
    const out = join(folder, 'out');
    const before = process.cpuUsage();
    const { code, err: said } = await unmask(['import', '--transformer', path, '--out', out]);
    expect(code).toBe(3);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(1);
    expect(existsSync(out)).toBe(false);
    expect(said).toMatch(/^unmask: [^\n]+\.\n$/);
    expect(said).toContain(file);
    if (outcome !== 'refuse') return;
    if (isNoCheckpoint(file)) return expect(said).toMatch(/a picture \(PNG\)|JSON without weights/);
    expect(
      words.some((word) => said.toLowerCase().includes(word.toLowerCase())),
      said,
    ).toBe(true);
  });
});
