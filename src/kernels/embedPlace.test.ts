import { describe, expect, it } from 'vitest';
import { MASK } from '../core/grid.ts';
import { NULL_CLASS } from '../core/guidance.ts';
import { packStepParams, STEP_PARAM_WORDS, stepParamsOf } from '../core/stepParams.ts';
import { defaultSettings } from '../core/request.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectAgreement, type Inputs } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { embedPlace } from './embedPlace.ts';
import * as references from './embedPlace.ref.ts';

const rows = { codes: 8, firstClass: 8, classCount: 3, nullRow: 11, maskRow: 12 };

async function expectPlace(step: number, width: number, tokens: number[], classes: number[]): Promise<void> {
  const rec = new Recorder();
  const inputs = {
    tokens: rec.state('tokens', [tokens.length], 'i32'),
    classes: rec.state('classes', [classes.length], 'i32'),
    stepParams: rec.state('stepParams', [STEP_PARAM_WORDS], 'u32'),
  };
  const words = rec.weight('words', [13, width]);
  const places = rec.weight('places', [1 + tokens.length, width]);
  const h = embedPlace(rec, inputs, { words, places }, rows);
  const address = { seed: 1, step, masked: 0, nullRow: -1 };
  const values: Inputs = new Map<Tensor, NonNullable<ReturnType<Inputs['get']>>>([
    [inputs.tokens, Int32Array.from(tokens)],
    [inputs.classes, Int32Array.from(classes)],
    [inputs.stepParams, packStepParams(stepParamsOf(defaultSettings, address))],
    [words, normal([13, width], 1, 800)],
    [places, normal(places.shape, 2)],
  ]);
  await expectAgreement(rec, references, values, [h]);
}

describe('embedPlace', () => {
  it.each([1, 63, 65, 192])('begins with the class, or none, at width %i', async (width) => {
    await expectPlace(0, width, [5, 6, 7], [2, NULL_CLASS]);
  });

  it('goes on with the token before the place', async () => {
    for (const step of [1, 2, 3]) await expectPlace(step, 20, [5, 0, 7, MASK], [1, NULL_CLASS]);
  });

  it('reads inside its tables whatever step and ids are', async () => {
    for (const step of [4, 5, 1e9]) await expectPlace(step, 4, [1, 2, 3, 4, 5], [1e9, -1e9]);
    for (const wild of [8, 1e9, -1e9, -2]) await expectPlace(1, 4, [wild, 0], [3]);
  });

  it('refuses places of another grid', () => {
    const rec = new Recorder();
    const state = (label: string, length: number): Tensor => rec.state(label, [length], 'i32');
    const inputs = { tokens: state('t', 4), classes: state('c', 1), stepParams: state('s', STEP_PARAM_WORDS) };
    const embeddings = { words: rec.weight('words', [13, 2]), places: rec.weight('places', [4, 2]) };
    expect(() => embedPlace(rec, inputs, embeddings, rows)).toThrow('places: shape [4, 2] does not fit [5, 2]');
  });
});
