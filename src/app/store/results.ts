import type { StateCreator } from 'zustand';
import type { Grid } from '../../core/grid.ts';
import type { SamplerSettings } from '../../core/request.ts';
import type { Frame, Origin } from './origin.ts';
import type { Studio } from './studio.ts';

/** A kept picture as the filmstrip knows it; its reel and its pixels live outside the store. */
export interface Result {
  readonly id: string;
  readonly modelId: string;
  readonly classId: number;
  readonly className: string;
  readonly seed: number;
  readonly settings: SamplerSettings;
  readonly createdAtMs: number;
  readonly starred: boolean;
  /** Executed steps, and whether a stop cut the run short. */
  readonly steps: number;
  readonly stopped: boolean;
  readonly stepMs: number;
  /** How it came to be, when it was not painted from nothing. */
  readonly origin?: Origin;
  /** Its token grid where it is larger than the model's: a panorama. */
  readonly grid?: Grid;
  /** Width and height in pixels where the model paints fewer: a window of a larger picture that was extended. */
  readonly pixels?: readonly [width: number, height: number];
  /** Where it lies in a larger picture that was brought in. */
  readonly frame?: Frame;
  /** Object URL of the PNG, for an <img>; made anew in every session. */
  readonly url: string;
}

export interface ResultsSlice {
  /** Newest first. */
  readonly results: readonly Result[];
  /** Token grids of panoramas, by the picture's id; those of deleted ones too, for they may still be worked on. */
  readonly grids: Readonly<Record<string, Grid>>;
  /** Deleted last, with the places they had; what Undo brings back. */
  readonly trash: readonly { readonly result: Result; readonly index: number }[];
  addResult(result: Result): void;
  restoreResults(results: readonly Result[]): void;
  star(id: string, starred: boolean): void;
  removeResult(id: string): void;
  bringBack(): Result | undefined;
  emptyTrash(): void;
  /** None on show: those of another model follow. */
  clearResults(): void;
}

export const resultsSlice: StateCreator<Studio, [], [], ResultsSlice> = (set, get) => ({
  results: [],
  grids: {},
  trash: [],
  addResult: (result) =>
    set(({ results, grids }) => ({ results: [result, ...results], grids: { ...grids, ...gridsOf([result]) } })),
  restoreResults: (restored) =>
    set(({ results, grids }) => {
      const known = new Set(results.map(({ id }) => id));
      const all = [...results, ...restored.filter(({ id }) => !known.has(id))];
      const sorted = all.sort((a, b) => b.createdAtMs - a.createdAtMs);
      return { results: sorted, grids: { ...grids, ...gridsOf(restored) } };
    }),
  star: (id, starred) =>
    set(({ results }) => ({ results: results.map((result) => (result.id === id ? { ...result, starred } : result)) })),
  removeResult: (id) =>
    set(({ results, trash }) => {
      const index = results.findIndex((result) => result.id === id);
      const result = results[index];
      if (!result) return {};
      return { results: results.toSpliced(index, 1), trash: [...trash, { result, index }] };
    }),
  bringBack: () => {
    const last = get().trash.at(-1);
    if (!last) return undefined;
    set(({ results, trash }) => ({
      results: results.toSpliced(Math.min(last.index, results.length), 0, last.result),
      trash: trash.slice(0, -1),
    }));
    return last.result;
  },
  emptyTrash: () => set({ trash: [] }),
  clearResults: () => set({ results: [], grids: {}, trash: [] }),
});

function gridsOf(results: readonly Result[]): Record<string, Grid> {
  return Object.fromEntries(results.flatMap(({ id, grid }) => (grid ? [[id, grid]] : [])));
}
