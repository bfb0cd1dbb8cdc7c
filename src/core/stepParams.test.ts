import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultSettings, type SamplerSettings } from './request.ts';
import { packStepParams, stepParamFields, stepParamsOf, unpackStepParams } from './stepParams.ts';

describe('stepParams', () => {
  it('has the fields of the WGSL struct, in its order', () => {
    const wgsl = readFileSync(new URL('../../shaders/lib/stepParams.wgsl', import.meta.url), 'utf8');
    const fields = [...wgsl.matchAll(/^ {2}(\w+): (\w+),$/gm)].map(([, name, type]) => [name, type]);
    expect(fields).toEqual(Object.entries(stepParamFields));
  });

  it('anneals by the progress after a step, or before it, and the temperature only where it is asked for', () => {
    const at = (more: Partial<SamplerSettings>, step: number) =>
      stepParamsOf({ ...defaultSettings, steps: 4, ...more }, { seed: 0, step, masked: 0, nullRow: -1 });
    expect([0, 1, 3].map((step) => at({}, step).choiceScale)).toEqual([3.375, 2.25, 0]);
    expect([0, 1, 3].map((step) => at({ annealing: 'before' }, step).choiceScale)).toEqual([4.5, 3.375, 1.125]);
    expect([0, 3].map((step) => at({ temperature: 2 }, step).temperature)).toEqual([2, 2]);
    const annealed = { temperature: 2, temperatureRamp: 'annealed', score: 'logit' } as const;
    expect([0, 1, 3].map((step) => at(annealed, step).temperature)).toEqual([1.5, 1, 0]);
    expect(at(annealed, 0).byLogit).toBe(1);
  });

  it('comes back from its packed form', () => {
    const settings = { ...defaultSettings, guidanceScale: 3, guidanceRamp: 'linear', order: 'halton' } as const;
    const params = stepParamsOf(settings, { seed: 0xffff_fff0, step: 7, masked: 12, nullRow: -1 });
    expect(unpackStepParams(packStepParams(params))).toEqual(params);
    expect(params).toMatchObject({ byLogit: 0, choiceScale: 0, guidanceScale: 3, byRank: 1, temperature: 1 });
  });
});
