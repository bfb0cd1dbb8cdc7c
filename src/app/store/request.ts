import type { StateCreator } from 'zustand';
import { defaultSettings, type SamplerSettings } from '../../core/request.ts';
import type { Studio } from './studio.ts';

/** What the next press of Generate asks for. */
export interface Wish {
  readonly classId: number;
  /** Pictures a press, 1 … 9; their seeds follow one another. */
  readonly count: number;
  /** 32-bit unsigned; drawn anew at every press unless it is locked. */
  readonly seed: number;
  readonly seedLocked: boolean;
  readonly settings: SamplerSettings;
  /** Whether small boxes are painted enlarged, where the model gains by it (core/closeUp.ts). */
  readonly closeUp: boolean;
}

const presets = [
  { id: 'fast', name: 'Fast', steps: 4 },
  { id: 'balanced', name: 'Balanced', steps: 8 },
  { id: 'best', name: 'Best', steps: 16 },
] as const;
export type PresetId = (typeof presets)[number]['id'];

/** The presets of a model: the one nearest to the steps that its makers took (of two, the larger) takes as many. */
export function presetsFor({ steps }: SamplerSettings): readonly { id: PresetId; name: string; steps: number }[] {
  const distance = (preset: { steps: number }): number => Math.abs(preset.steps - steps);
  const nearest = presets.reduce((best, preset) => (distance(preset) <= distance(best) ? preset : best));
  return presets.map((preset) => (preset === nearest ? { ...preset, steps } : preset));
}

/** How many classes are remembered as recent. */
const RECENT_CLASSES = 6;

export interface RequestSlice {
  readonly wish: Wish;
  /** The model's own settings: what Reset returns to. */
  readonly defaults: SamplerSettings;
  /** Classes used last, newest first. */
  readonly recents: readonly number[];
  change(part: Partial<Wish>): void;
  tune(part: Partial<SamplerSettings>): void;
  choosePreset(id: PresetId): void;
  resetSettings(): void;
  setDefaults(settings: SamplerSettings): void;
  remember(classId: number): void;
}

/** The preset that the settings are, or undefined when somebody has changed more than the steps. */
export function presetOf(settings: SamplerSettings, defaults: SamplerSettings): PresetId | undefined {
  const { steps, ...rest } = settings;
  const same = (Object.keys(rest) as (keyof typeof rest)[]).every((key) => rest[key] === defaults[key]);
  return same ? presetsFor(defaults).find((preset) => preset.steps === steps)?.id : undefined;
}

export const requestSlice: StateCreator<Studio, [], [], RequestSlice> = (set) => ({
  wish: { classId: 0, count: 1, seed: 0, seedLocked: false, settings: defaultSettings, closeUp: true },
  defaults: defaultSettings,
  recents: [],
  change: (part) => set(({ wish }) => ({ wish: { ...wish, ...part } })),
  tune: (part) => set(({ wish }) => ({ wish: { ...wish, settings: { ...wish.settings, ...part } } })),
  choosePreset: (id) =>
    set(({ wish, defaults }) => {
      const steps = presetsFor(defaults).find((preset) => preset.id === id)?.steps ?? defaults.steps;
      return { wish: { ...wish, settings: { ...defaults, steps } } };
    }),
  resetSettings: () =>
    set(({ wish, defaults }) => ({ wish: { ...wish, settings: defaults, seedLocked: false, closeUp: true } })),
  setDefaults: (defaults) => set({ defaults }),
  remember: (classId) =>
    set(({ recents }) => ({ recents: [classId, ...recents.filter((id) => id !== classId)].slice(0, RECENT_CLASSES) })),
});
