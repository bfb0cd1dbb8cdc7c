import type { ModelConfig } from './config.ts';
import { Failure } from './failure.ts';
import { positionCount } from './grid.ts';
import { defaultSettings, type SamplerSettings } from './request.ts';
import { scheduleNames } from './schedules.ts';

/** The allowed values of a numeric setting, both ends included. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

const numbers = ['steps', 'startStep', 'temperature', 'choiceTemperature', 'guidanceScale', 'corrections'] as const;
/** Corrector steps of a run at most: so many go over everything 32 times. */
export const MOST_CORRECTIONS = 64;
type NumberName = (typeof numbers)[number];

/** The allowed values of the settings that are one of a few words. */
export const settingChoices = {
  schedule: scheduleNames,
  temperatureRamp: ['constant', 'annealed'],
  annealing: ['after', 'before'],
  score: ['logProb', 'logit'],
  guidanceRamp: ['constant', 'linear'],
  order: ['confidence', 'halton', 'raster'],
} as const satisfies Partial<Record<keyof SamplerSettings, readonly string[]>>;

/**
 * The allowed range of every numeric setting for a model: no more steps than there are positions to fix, and no
 * guidance without a null class to guide away from. A temperature of 0 draws the likeliest code.
 */
export function settingRanges(config: ModelConfig): Readonly<Record<NumberName, Range>> {
  const steps = positionCount(config.grid);
  return {
    steps: { min: 1, max: steps, whole: true },
    startStep: { min: 0, max: steps - 1, whole: true },
    temperature: { min: 0, max: 10, whole: false },
    choiceTemperature: { min: 0, max: 100, whole: false },
    guidanceScale: { min: 0, max: config.transformer?.nullClass ? 20 : 0, whole: false },
    corrections: { min: 0, max: MOST_CORRECTIONS, whole: true },
  };
}

/**
 * The settings that an edit runs with: those that nobody moved from the model's own are the model's own for edits, those
 * that somebody chose hold.
 */
export function editSettings(
  wanted: SamplerSettings,
  { sampler, editSampler = sampler }: { readonly sampler: SamplerSettings; readonly editSampler?: SamplerSettings },
): SamplerSettings {
  const names = Object.keys(wanted) as (keyof SamplerSettings)[];
  const own = names.filter((name) => wanted[name] === sampler[name]);
  return { ...wanted, ...Object.fromEntries(own.map((name) => [name, editSampler[name]])) };
}

/** Refuse settings that a model cannot run. @throws Failure BadRequest, naming field and allowed range */
export function checkSettings(settings: SamplerSettings, config: ModelConfig): void {
  const ranges = settingRanges(config);
  for (const name of numbers) checkNumber(`settings.${name}`, settings[name], ranges[name]);
  if (settings.startStep >= settings.steps) {
    throw new Failure(
      'BadRequest',
      `settings.startStep is ${settings.startStep}; it must be below steps, ${settings.steps}`,
    );
  }
  for (const [name, choices] of Object.entries(settingChoices)) {
    const value: unknown = settings[name as keyof typeof settingChoices];
    if (!(choices as readonly unknown[]).includes(value)) {
      throw new Failure('BadRequest', `settings.${name} is ${show(value)}; it must be one of ${choices.join(', ')}`);
    }
  }
}

/** Refuse a number outside its range. @throws Failure BadRequest */
export function checkNumber(field: string, value: unknown, { min, max, whole }: Range): void {
  const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (!fits) {
    const kind = whole ? 'a whole number' : 'a number';
    throw new Failure('BadRequest', `${field} is ${show(value)}; it must be ${kind} from ${min} to ${max}`);
  }
}

/** A value in a message: short whatever it is. */
export function show(value: unknown): string {
  const text =
    typeof value === 'string' ? JSON.stringify(value) : String(typeof value === 'object' ? typeof value : value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/**
 * The nearest settings that the model can run, for a page while somebody types and for links of other versions.
 * Never throws: what is missing or of another kind becomes the fallback's, and every change is told in `notes`.
 */
export function clampSettings(
  wanted: Readonly<Record<string, unknown>>,
  config: ModelConfig,
  fallback: SamplerSettings = defaultSettings,
): { settings: SamplerSettings; notes: readonly string[] } {
  const notes: string[] = [];
  const settings: Record<string, unknown> = {};
  const ranges = settingRanges(config);
  for (const name of numbers) {
    const range = name === 'startStep' ? { ...ranges.startStep, max: (settings['steps'] as number) - 1 } : ranges[name];
    const value = wanted[name] ?? fallback[name];
    settings[name] = clampNumber(typeof value === 'number' ? value : fallback[name], range);
    if (wanted[name] !== undefined && wanted[name] !== settings[name]) {
      notes.push(`${name} ${show(wanted[name])} became ${show(settings[name])} (${range.min} to ${range.max})`);
    }
  }
  for (const [name, choices] of Object.entries(settingChoices)) {
    const value = wanted[name];
    const known = (choices as readonly unknown[]).includes(value);
    settings[name] = known ? value : fallback[name as keyof SamplerSettings];
    if (!known && value !== undefined) notes.push(`${name} ${show(value)} became ${show(settings[name])}`);
  }
  return { settings: settings as unknown as SamplerSettings, notes };
}

function clampNumber(value: number, { min, max, whole }: Range): number {
  const finite = Number.isNaN(value) ? min : value;
  return Math.min(max, Math.max(min, whole ? Math.round(finite) : finite));
}
