import type { ModelConfig, TransformerConfig } from '../../core/config.ts';
import { positionCount } from '../../core/grid.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { defaultSettings, type SamplerSettings } from '../../core/request.ts';

/**
 * How the authors of a family sample it, in our terms. Where their number means something else than ours the translation
 * is beside it; docs/decisions/0023 lists what stays different.
 */
interface PublishedSampler {
  readonly isOf: (transformer: TransformerConfig) => boolean;
  readonly sampler: (transformer: TransformerConfig, positions: number) => Partial<SamplerSettings>;
  /** What its authors repaint parts of a picture with, where they do. */
  readonly editSampler?: Partial<SamplerSettings>;
}

/** CFG of the FID table in the README of Halton-MaskGIT, by width: tiny, small, base, large. */
const haltonGuidance: ReadonlyMap<number, number> = new Map([
  [384, 1.5],
  [512, 1],
  [768, 0.7],
  [1024, 0.5],
]);

/** The first that fits; the last fits all. */
const published: readonly PublishedSampler[] = [
  {
    // github.com/valeoai/Halton-MaskGIT, README and Config/base_cls2img.yaml.
    isOf: ({ placement }) => placement === 'adaptive',
    sampler: ({ width }) => ({
      steps: 32,
      order: 'halton',
      schedule: 'arccos',
      guidanceScale: haltonGuidance.get(width) ?? 1,
    }),
  },
  {
    // github.com/baaivision/MUSE-Pytorch, libs/muse.py: Gumbel noise of 4.5 · (1 − r) on the logits and on the confidence.
    isOf: ({ longSkips = false }) => longSkips,
    sampler: () => ({
      steps: 12,
      temperature: 4.5,
      temperatureRamp: 'annealed',
      score: 'logit',
      ...growingGuidance(3, 12),
    }),
  },
  {
    // github.com/valeoai/Maskgit-pytorch, Trainer/vit.py and README.
    isOf: ({ placement }) => placement === 'pre',
    sampler: (_, positions) => ({
      schedule: 'arccosIncrements',
      annealing: 'before',
      ...(positions > 256
        ? { steps: 15, choiceTemperature: 7, ...growingGuidance(2.8, 15) }
        : { steps: 8, choiceTemperature: 4.5, ...growingGuidance(3, 8) }),
    }),
  },
  {
    // google-research/maskgit: the paper's steps, and the demo's edits.
    isOf: () => true,
    sampler: (_, positions) => ({ steps: positions > 256 ? 12 : 8 }),
    editSampler: { steps: 12 },
  },
];

/** Guidance of w · step / steps; our ramp reaches its scale in the last step, which is one short of theirs. */
function growingGuidance(w: number, steps: number): Pick<SamplerSettings, 'guidanceScale' | 'guidanceRamp'> {
  return { guidanceScale: (w * (steps - 1)) / steps, guidanceRamp: 'linear' };
}

/** The sampler that a network was published with, as its manifest keeps it; the official one for a tokenizer alone. */
export function publishedSampler(config: ModelConfig): Pick<ModelManifest, 'sampler' | 'editSampler'> {
  const { transformer, grid } = config;
  if (transformer === undefined) return { sampler: within(defaultSettings, config) };
  const family = published.find(({ isOf }) => isOf(transformer))!;
  const sampler = within({ ...defaultSettings, ...family.sampler(transformer, positionCount(grid)) }, config);
  if (family.editSampler === undefined) return { sampler };
  return { sampler, editSampler: within({ ...sampler, ...family.editSampler }, config) };
}

/** No more steps than there are positions, and no guidance without a null class: what small networks of tests lack. */
function within(settings: SamplerSettings, { grid, transformer }: ModelConfig): SamplerSettings {
  const steps = Math.min(settings.steps, positionCount(grid));
  return { ...settings, steps, guidanceScale: transformer?.nullClass ? settings.guidanceScale : 0 };
}
