import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultSettings } from './request.ts';
import { packStepParams, stepParamFields, stepParamsOf, unpackStepParams } from './stepParams.ts';

describe('stepParams', () => {
  it('has the fields of the WGSL struct, in its order', () => {
    const wgsl = readFileSync(new URL('../../shaders/lib/stepParams.wgsl', import.meta.url), 'utf8');
    const fields = [...wgsl.matchAll(/^ {2}(\w+): (\w+),$/gm)].map(([, name, type]) => [name, type]);
    expect(fields).toEqual(Object.entries(stepParamFields));
  });

  it('comes back from its packed form', () => {
    const settings = { ...defaultSettings, guidanceScale: 3, guidanceRamp: 'linear', order: 'halton' } as const;
    const params = stepParamsOf(settings, { seed: 0xffff_fff0, step: 7, masked: 12, nullRow: -1 });
    expect(unpackStepParams(packStepParams(params))).toEqual(params);
    expect(params).toMatchObject({ choiceScale: 0, guidanceScale: 3, byRank: 1, temperature: 1 });
  });
});
