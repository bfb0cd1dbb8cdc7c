import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/core/parseManifest.ts';
import { transformer } from '../../src/models/transformer.ts';
import type { Recorder } from '../../src/program/program.ts';
import { keep, timePrograms } from './inTurns.ts';

const manifestFile = new URL('../../public/models/mini/model.json', import.meta.url);
const { grid, transformer: mini } = parseManifest(JSON.parse(readFileSync(manifestFile, 'utf8')), 'model.json').config;

describe('sequences as one batch', () => {
  it('cost what they cost one by one, or less', async () => {
    const of = (sequences: number) => (rec: Recorder) => {
      const positions = grid.rows * grid.cols;
      const tokens = rec.state('tokens', [positions], 'i32');
      const classes = rec.state(`classes of ${sequences}`, [sequences], 'i32');
      transformer(rec, { tokens, classes }, mini!, { sequences, grid });
    };
    const records = { one: of(1), two: of(2), four: of(4), eight: of(8) };
    const taken = await timePrograms(records, { one: {}, two: {}, four: {}, eight: {} }, 5);
    const perSequence = Object.fromEntries(
      Object.entries({ one: 1, two: 2, four: 4, eight: 8 }).map(([name, count]) => [
        name,
        taken[name as keyof typeof records].processorMs / count / taken.one.processorMs,
      ]),
    );
    await keep('a batch of 1, 2, 4 and 8 sequences of mini', { ...taken, perSequence });
    expect(taken.eight.ms).toBeGreaterThan(taken.one.ms);
  });
});
