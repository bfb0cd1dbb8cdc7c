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
    { sequences: 4, length: 6, first: 1, list: [4, 2, 0, 3, -1, -1], pictures: 2, width: 9, why: 'a list a picture' },
    { sequences: 6, given: 1, length: 5, first: 0, list: [4, 2, 0, 1, 3, -1], pictures: 3, width: 5, why: 'and both' },
  ])('agrees with the reference, $sequences sequences of $length × $width: $why', async (at) => {
    const { sequences, length, first, list, width, pictures = 1 } = at;
    const rec = new Recorder();
    const x = rec.state('x', [(at.given ?? sequences) * length, width], 'f32');
    const places = rec.state('places', [list.length / pictures, pictures], 'i32');
    const y = placeRows(rec, x, { places, first }, { sequences, ...(at.given && { given: at.given }) });
    const inputs: Inputs = new Map<Tensor, Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>([
      [x, normal(x.shape, 1)],
      [places, Int32Array.from(list)],
    ]);
    await expectAgreement(rec, references, inputs, [y], { abs: 0, rel: 0 });
  });

  it('refuses sequences that are too short for the list', () => {
    const rec = new Recorder();
    const wanted = { places: rec.state('places', [5, 1], 'i32'), first: 1 };
    const attempt = () => placeRows(rec, rec.scratch('x', [10, 4]), wanted, { sequences: 2 });
    expect(attempt).toThrow('x: 10 rows are not 2 sequences of 5 places from 1');
  });

  it('refuses sequences that the pictures cannot share', () => {
    const rec = new Recorder();
    const wanted = { places: rec.state('places', [5, 2], 'i32'), first: 0 };
    const attempt = () => placeRows(rec, rec.scratch('x', [15, 4]), wanted, { sequences: 3 });
    expect(attempt).toThrow('places: 3 sequences are not of 2 pictures');
  });
});
