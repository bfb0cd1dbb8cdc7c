import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Recording } from '../../core/manifest.ts';
import { parseRecording } from './recordings.ts';

const grid = { rows: 2, cols: 2 };
const step = { tokens: [1, -1, 2, 3], guess: [1, 4, 2, 3], logProb: [0, -0.5, -1, 0] };
const whole: Recording = { class: 1, seed: 2, steps: [step], png: 'data:image/png;base64,AA==' };

describe('parseRecording', () => {
  it('accepts what the format says', () => {
    expect(parseRecording(whole, 'r.json', grid)).toEqual(whole);
  });

  it.each([
    [{ ...whole, steps: [] }, 'no steps'],
    [{ ...whole, steps: [step, { ...step, guess: [1, 2] }] }, 'step 2'],
    [{ ...whole, seed: 'x' }, 'seed'],
    [{ ...whole, png: 'javascript:alert(1)' }, 'PNG'],
    [{ ...whole, png: 'data:text/html;base64,AA==' }, 'PNG'],
  ])('refuses %j and names the file and the fault', (broken, fault) => {
    expect(() => parseRecording(broken, 'r.json', grid)).toThrow(expect.objectContaining({ name: 'BadFile' }));
    expect(() => parseRecording(broken, 'r.json', grid)).toThrow(fault);
    expect(() => parseRecording(broken, 'r.json', grid)).toThrow('r.json');
  });

  it('never fails in another way, whatever the file holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        try {
          parseRecording(json, 'r.json', grid);
        } catch (error) {
          expect(error).toMatchObject({ name: 'BadFile' });
        }
      }),
    );
  });
});
