import { describe, expect, it } from 'vitest';
import { MASK } from '../core/grid.ts';
import { Recorder } from '../program/program.ts';
import { expectAgreement, runOnDevice, typed } from '../testing/agreement.ts';
import { listMasked } from './listMasked.ts';
import * as references from './listMasked.ref.ts';

function recordList(tokens: Int32Array<ArrayBuffer>, pictures = 1) {
  const rec = new Recorder();
  const shape = [pictures, tokens.length / pictures];
  const given = rec.state('tokens', shape, 'i32');
  const guess = rec.state('guess', shape, 'i32');
  const logProb = rec.state('logProb', shape, 'f32');
  const places = listMasked(rec, given, { guess, logProb });
  const untouched = tokens.map(() => 77);
  const inputs = new Map([[given, tokens] as const, [guess, untouched] as const]);
  return { rec, inputs, places, guess, logProb };
}

describe('listMasked', () => {
  it.each([
    { positions: 1, isKnown: () => false, why: 'one masked token' },
    { positions: 1, isKnown: () => true, why: 'nothing masked' },
    { positions: 63, isKnown: (p: number) => p % 3 !== 0, why: 'one position fewer than the threads' },
    { positions: 65, isKnown: (p: number) => p < 40, why: 'one more' },
    { positions: 1024, isKnown: (p: number) => (p * 37) % 11 < 5, why: 'the largest grid' },
  ])('agrees with the reference on $positions positions: $why', async ({ positions, isKnown }) => {
    const tokens = Int32Array.from({ length: positions }, (_, p) => (isKnown(p) ? p % 50 : MASK));
    const { rec, inputs, places, guess } = recordList(tokens);
    await expectAgreement(rec, references, inputs, [places, guess]);
  });

  it('lists each of several pictures, the first entries of all in front', async () => {
    const tokens = Int32Array.from({ length: 3 * 70 }, (_, i) => ((i * 7) % 5 < 3 ? i % 50 : MASK));
    const { rec, inputs, places, guess } = recordList(tokens, 3);
    await expectAgreement(rec, references, inputs, [places, guess]);
    const two = recordList(Int32Array.of(5, MASK, MASK, MASK, 0, MASK), 2);
    two.rec.keep(two.places);
    const [bytes] = await runOnDevice(two.rec.finish('list'), two.inputs, [two.places]);
    expect([...typed(two.places, bytes!)]).toEqual([1, 0, 2, 2, -1, -1]);
  });

  it('lists what is masked in order, says nothing of it, and takes a known token as its own guess', async () => {
    const { rec, inputs, places, guess, logProb } = recordList(Int32Array.of(5, MASK, MASK, 0, MASK, 9));
    rec.keep(places);
    const bytes = await runOnDevice(rec.finish('list'), inputs, [places, guess, logProb]);
    const [list, guesses, logProbs] = [places, guess, logProb].map((tensor, i) => [...typed(tensor, bytes[i]!)]);
    expect(list).toEqual([1, 2, 4, -1, -1, -1]);
    expect(guesses).toEqual([5, 77, 77, 0, 77, 9]);
    expect(logProbs).toEqual([0, Number.NaN, Number.NaN, 0, Number.NaN, 0]);
  });
});
