import { positionCount } from '../core/grid.ts';
import type { ModelManifest } from '../core/manifest.ts';
import type { ExplicitNoise, SamplerSettings } from '../core/request.ts';
import { scheduleNames } from '../core/schedules.ts';
import { MOST_CORRECTIONS } from '../core/settings.ts';
import type { StepRecord } from '../engine/generate.ts';
import { choice, number, optional, path, UsageError, whole, type FlagValues } from './flags.ts';
import type { ProgressLine } from './host.ts';
import { readNoise } from './traces.ts';

/** Flags that generate and edit share. Ranges that depend on the model are checked with the request. */
export const samplingFlags = {
  seed: optional(whole(0, 2 ** 32 - 1)),
  steps: optional(whole(1, 16_384)),
  schedule: optional(choice(scheduleNames)),
  temperature: optional(number(0, 10)),
  'choice-temperature': optional(number(0, 100)),
  guidance: optional(number(0, 20)),
  corrections: optional(whole(0, MOST_CORRECTIONS)),
  noise: optional(path),
};

/**
 * The model's own settings with what was typed in their place. Whoever says how many steps, or hands in the noise of each, gets
 * these and no others: the model's corrector steps are then left out unless they are asked for too.
 *
 * @param ownSteps steps where none were typed
 */
export function settingsOf(
  { sampler }: Pick<ModelManifest, 'sampler'>,
  flags: FlagValues<typeof samplingFlags>,
  startStep: number,
  ownSteps = sampler.steps,
): SamplerSettings {
  const steps = flags.steps ?? ownSteps;
  const isExact = flags.steps !== undefined || flags.noise !== undefined;
  if (startStep >= steps) throw new UsageError(`--start-step is ${startStep}, it must be below --steps ${steps}.`);
  return {
    ...sampler,
    steps,
    startStep,
    schedule: flags.schedule ?? sampler.schedule,
    temperature: flags.temperature ?? sampler.temperature,
    choiceTemperature: flags['choice-temperature'] ?? sampler.choiceTemperature,
    guidanceScale: flags.guidance ?? sampler.guidanceScale,
    corrections: flags.corrections ?? (isExact ? 0 : sampler.corrections),
  };
}

/** @throws UsageError naming a model that cannot paint, and why: it lacks one of its halves, or is there to race against */
export function needPainter({ id, config }: Pick<ModelManifest, 'id' | 'config'>): void {
  if (config.transformer === undefined) {
    throw new UsageError(`The model ${id} holds a tokenizer only, it cannot paint; give a model with a transformer.`);
  }
  if (config.tokenizer === undefined) {
    throw new UsageError(
      `The model ${id} holds a transformer only, it cannot make pictures; give a model with a tokenizer.`,
    );
  }
  if (config.transformer.order === 'raster') {
    const use = 'it is there for the race on the page and for unmask logits';
    throw new UsageError(`The model ${id} draws one token after the other, ${use}; give another one to paint.`);
  }
}

/** The noise file of a run, or of the runs of so many windows, one after the other; undefined without one. */
export async function noiseOf(
  file: string | undefined,
  { config }: Pick<ModelManifest, 'config'>,
  { steps, startStep }: SamplerSettings,
  windows = 1,
): Promise<ExplicitNoise | undefined> {
  if (file === undefined) return undefined;
  return readNoise(file, {
    runs: windows * (steps - startStep),
    positions: positionCount(config.grid),
    codebook: config.transformer!.codebook,
  });
}

/** Run to the end and keep what every step did, of one picture or of each of a batch. */
export async function collect<S extends StepRecord | StepRecord[], T>(
  run: AsyncGenerator<S, T>,
  progress: ProgressLine,
): Promise<{ steps: readonly S[]; outcome: T }> {
  const steps: S[] = [];
  for (;;) {
    const { done, value } = await run.next();
    if (done) return { steps, outcome: value };
    steps.push(value);
    const { step, steps: of, ms } = Array.isArray(value) ? value[0]! : value;
    progress.show(`step ${step + 1} of ${of}, ${ms.toFixed(0)} ms`);
  }
}
