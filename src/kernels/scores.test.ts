import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement, sumTolerance } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { scores } from './scores.ts';
import * as references from './scores.ref.ts';

describe('scores', () => {
  it.each([
    { rows: 1, columns: 1, width: 1, why: 'a single product' },
    { rows: 33, columns: 6, width: 5, why: 'past a workgroup, a tile cut at both edges' },
    { rows: 16, columns: 16, width: 130, why: 'wider than attention takes' },
  ])('agrees with the reference at $rows × $columns of $width: $why', async ({ rows, columns, width }) => {
    const rec = new Recorder();
    const queries = rec.state('queries', [rows, width], 'f32');
    const keys = rec.state('keys', [columns, width], 'f32');
    const [q, k] = [normal([rows, width], 1), normal([columns, width], 2)];
    const inputs = new Map([
      [queries, q],
      [keys, k],
    ]);
    await expectAgreement(rec, references, inputs, [scores(rec, queries, keys)], sumTolerance(width, q, k));
  });

  it('refuses keys of another width', () => {
    const rec = new Recorder();
    expect(() => scores(rec, rec.scratch('q', [2, 4]), rec.scratch('k', [2, 5]))).toThrow(
      'k: shape [2, 5] does not fit',
    );
  });
});
