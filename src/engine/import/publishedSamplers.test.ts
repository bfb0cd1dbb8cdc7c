import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ModelConfig, TransformerConfig } from '../../core/config.ts';
import { blankTokens } from '../../core/grid.ts';
import { guidanceAt } from '../../core/guidance.ts';
import { haltonOrder } from '../../core/halton.ts';
import { start, stepCounts } from '../../core/sampler.ts';
import { checkSettings } from '../../core/settings.ts';
import { stepParamsOf } from '../../core/stepParams.ts';
import { officialConfig } from '../../testing/officialConfig.ts';
import { publishedSampler } from './publishedSamplers.ts';

function modelOf(side: number, more: Partial<TransformerConfig> = {}): ModelConfig {
  const { tokenizer: _, transformer, ...common } = officialConfig(16 * side);
  return { ...common, transformer: { ...transformer, nullClass: true, ...more } };
}

/** What a run of the published sampler does at each step: tokens known after it, and the numbers of the step. */
function runOf(config: ModelConfig) {
  const { sampler } = publishedSampler(config);
  checkSettings(sampler, config);
  const tokens = blankTokens(config.grid);
  const known = stepCounts(sampler, start(sampler, tokens), config.grid).map(({ masked }) => tokens.length - masked);
  const params = known.map((_, step) => stepParamsOf(sampler, { seed: 0, step, masked: 0, nullRow: 1 }));
  return { sampler, known, params, guidance: known.map((_, step) => guidanceAt(sampler, step)) };
}

const rounded = (values: readonly number[]) => values.map((value) => Math.round(value * 1e4) / 1e4);

describe('the sampler of an imported model', () => {
  it.each([
    [16, [5, 20, 44, 75, 114, 159, 207, 256]],
    [32, [9, 35, 78, 138, 212, 300, 401, 513, 633, 759, 891, 1024]],
  ])('is the official one of the paper: %i × %i tokens', (side, known) => {
    const run = runOf(modelOf(side, { nullClass: false }));
    expect(run.known).toEqual(known);
    expect(rounded(run.params.map(({ choiceScale }) => choiceScale / 4.5))).toEqual(
      rounded(known.map((_, i) => 1 - (i + 1) / known.length)),
    );
    expect(new Set(run.guidance)).toEqual(new Set([0]));
    expect(publishedSampler(modelOf(side)).editSampler).toMatchObject({ steps: 12, schedule: 'cosine' });
  });

  it.each([
    [384, 16, 1.5, '4a9e288d5add4adb'],
    [768, 24, 0.7, '9b36d81979f720f9'],
    [1024, 24, 0.5, '9b36d81979f720f9'],
  ])('is Halton-MaskGIT’s by its width: %i', (width, side, guidance, orderHash) => {
    const config = modelOf(side, { width, placement: 'adaptive' });
    const { sampler, known, params, guidance: weights } = runOf(config);
    expect(sampler).toMatchObject({ steps: 32, order: 'halton', schedule: 'arccos' });
    expect(known.slice(0, 4)).toEqual(side === 16 ? [5, 10, 15, 20] : [11, 22, 34, 45]);
    expect(known.slice(-3)).toEqual(side === 16 ? [198, 215, 256] : [445, 484, 576]);
    expect(new Set(params.map(({ temperature }) => temperature))).toEqual(new Set([1]));
    expect(new Set(weights)).toEqual(new Set([guidance]));
    const order = haltonOrder(config.grid);
    expect(createHash('sha256').update(order).digest('hex').slice(0, 16)).toBe(orderHash);
  });

  it('is MUSE-Pytorch’s: hot draws that end greedy, confidence of bare logits, guidance that starts at nothing', () => {
    const { sampler, known, params, guidance } = runOf(modelOf(16, { placement: 'pre', longSkips: true }));
    const progress = known.map((_, i) => (i + 1) / 12);
    expect(known).toEqual(
      progress.map((r) => 256 - (r === 1 ? 0 : Math.floor(256 * Math.cos((r * Math.PI) / 2) - 1e-4))),
    );
    for (const name of ['temperature', 'choiceScale'] as const) {
      expect(rounded(params.map((at) => at[name]))).toEqual(rounded(progress.map((r) => 4.5 * (1 - r))));
    }
    expect(sampler.score).toBe('logit');
    expect(rounded(guidance)).toEqual(rounded(progress.map((r) => 3 * (r - 1 / 12))));
  });

  it.each([
    [16, 8, 4.5, 3, [1, 19, 45, 77, 115, 158, 206, 256]],
    [32, 15, 7, 2.8, [1, 27, 65, 111, 165, 226, 293, 366, 445, 529, 618, 712, 811, 915, 1024]],
  ])('is that of valeo’s MaskGIT: %i × %i tokens in %i steps', (side, steps, noise, weight, known) => {
    const run = runOf(modelOf(side, { placement: 'pre', classToken: 'last' }));
    expect(run.known).toEqual(known);
    const before = known.map((_, i) => i / steps);
    expect(rounded(run.params.map(({ choiceScale }) => choiceScale))).toEqual(
      rounded(before.map((r) => noise * (1 - r))),
    );
    expect(rounded(run.guidance)).toEqual(rounded(before.map((r) => weight * r)));
  });

  it('fits networks that are smaller than the published ones, and tokenizers alone', () => {
    for (const more of [{}, { placement: 'adaptive' }, { nullClass: false, placement: 'pre' }] as const) {
      const config = modelOf(2, more);
      const { sampler, editSampler = sampler } = publishedSampler(config);
      checkSettings(sampler, config);
      checkSettings(editSampler, config);
    }
    const { transformer: _, ...tokenizerOnly } = modelOf(16);
    expect(publishedSampler(tokenizerOnly).sampler).toMatchObject({ steps: 8, guidanceScale: 0 });
  });
});
