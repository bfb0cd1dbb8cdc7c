import type { StateCreator } from 'zustand';
import type { AdapterReport, LoadedModel, LoadProgress } from '../../core/engine.ts';
import type { FailureName } from '../../core/failure.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import type { TuningReport } from '../../core/tuning.ts';
import type { Studio } from './studio.ts';

/** What the page may have to explain: the engine's failures, and two states of the page's own. */
export type ProblemName = FailureName | 'Offline' | 'StorageFull';

export interface Problem {
  readonly name: ProblemName;
  /** The failure's own sentence, for the details that can be copied. */
  readonly message: string;
}

/** Where the engine stands. */
export type Machine =
  | { readonly kind: 'starting' }
  | { readonly kind: 'loading'; readonly progress: LoadProgress }
  | { readonly kind: 'ready'; readonly model: Omit<LoadedModel, 'manifest' | 'grid' | 'adapter'> }
  | { readonly kind: 'failed' };

export interface MachineSlice {
  readonly machine: Machine;
  readonly adapter: AdapterReport | undefined;
  /** The model's card; there before its weights are. */
  readonly manifest: ModelManifest | undefined;
  /** How the device computes the model's products, once that was asked; and whether it is being measured. */
  readonly tuning: TuningReport | undefined;
  readonly isMeasuring: boolean;
  /** What went wrong last and is not yet dismissed. */
  readonly problem: Problem | undefined;
  /** Whether the note about a software adapter was closed. */
  readonly softwareNoteClosed: boolean;
  setMachine(machine: Machine): void;
  setAdapter(adapter: AdapterReport): void;
  setManifest(manifest: ModelManifest): void;
  measure(): void;
  setTuning(tuning: TuningReport | undefined): void;
  report(problem: Problem | undefined): void;
  closeSoftwareNote(): void;
}

export const machineSlice: StateCreator<Studio, [], [], MachineSlice> = (set) => ({
  machine: { kind: 'starting' },
  adapter: undefined,
  manifest: undefined,
  tuning: undefined,
  isMeasuring: false,
  problem: undefined,
  softwareNoteClosed: false,
  setMachine: (machine) => set({ machine }),
  setAdapter: (adapter) => set({ adapter }),
  setManifest: (manifest) => set({ manifest }),
  measure: () => set({ isMeasuring: true }),
  setTuning: (tuning) => set({ tuning, isMeasuring: false }),
  report: (problem) => set({ problem }),
  closeSoftwareNote: () => set({ softwareNoteClosed: true }),
});
