import { describe, expect, it } from 'vitest';
import { MASK } from '../core/grid.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectAgreement, type Inputs } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { lookup } from './lookup.ts';
import * as references from './lookup.ref.ts';

async function expectEntries(tokens: readonly number[], entries: number, embedding: number) {
  const rec = new Recorder();
  const given = rec.state('tokens', [tokens.length, 1], 'i32');
  const codebook = rec.weight('codebook', [entries, embedding]);
  const y = lookup(rec, given, codebook);
  expect(y.shape).toEqual([tokens.length, 1, embedding]);
  const inputs: Inputs = new Map<Tensor, Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>([
    [given, Int32Array.from(tokens)],
    [codebook, normal(codebook.shape, 1, 800)],
  ]);
  await expectAgreement(rec, references, inputs, [y], { abs: 0, rel: 0 });
}

describe('lookup', () => {
  it('copies a single number', () => expectEntries([0], 1, 1));
  it('copies entries in any order, also twice', () => expectEntries([4, 0, 2, 2, 4], 5, 3));
  it('copies more elements than there are threads', () =>
    expectEntries(
      Array.from({ length: 65 }, (_, i) => (i * 7) % 11),
      11,
      5,
    ));
  it('gives zeros for MASK and for numbers that are no entry, and reads nothing else', () =>
    expectEntries([MASK, 3, 4, -2_147_483_648, 2_147_483_647, 1], 4, 5));
});
