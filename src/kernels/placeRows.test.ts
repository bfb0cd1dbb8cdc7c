import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectAgreement, type Inputs } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { placeRows } from './placeRows.ts';
import * as references from './placeRows.ref.ts';

describe('placeRows', () => {
  it.each([
    { sequences: 1, length: 1, first: 0, list: [0], width: 1, why: 'one number' },
    { sequences: 2, length: 66, first: 1, list: [64, 0, 7, -1, -1], width: 65, why: 'a column more than the threads' },
    { sequences: 3, given: 1, length: 5, first: 0, list: [4, 2, -1], width: 192, why: 'one sequence for all' },
  ])('agrees with the reference, $sequences sequences of $length × $width: $why', async (at) => {
    const { sequences, length, first, list, width } = at;
    const rec = new Recorder();
    const x = rec.state('x', [(at.given ?? sequences) * length, width], 'f32');
    const places = rec.state('places', [list.length], 'i32');
    const y = placeRows(rec, x, { places, first }, { sequences, ...(at.given && { given: at.given }) });
    const inputs: Inputs = new Map<Tensor, Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>([
      [x, normal(x.shape, 1)],
      [places, Int32Array.from(list)],
    ]);
    await expectAgreement(rec, references, inputs, [y], { abs: 0, rel: 0 });
  });

  it('refuses sequences that are too short for the list', () => {
    const rec = new Recorder();
    const wanted = { places: rec.state('places', [5], 'i32'), first: 1 };
    const attempt = () => placeRows(rec, rec.scratch('x', [10, 4]), wanted, { sequences: 2 });
    expect(attempt).toThrow('x: 10 rows are not 2 sequences of 5 places from 1');
  });
});
