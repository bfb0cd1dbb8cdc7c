import type { StateCreator } from 'zustand';
import type { ModelCard } from '../../core/modelCard.ts';
import type {
  CompareProgress,
  Found,
  ImportDtype,
  Imported,
  ImportOrder,
  ImportPlan,
  ImportProgress,
} from '../../wire/importer.ts';
import type { Studio } from './studio.ts';

/** A file, a folder or an address that was offered; the files themselves lie on the desk, by id. */
export interface Offered {
  readonly id: number;
  readonly name: string;
  /** Unknown until somebody has looked into it. */
  readonly sizeBytes?: number;
  readonly networks: Found['networks'];
  /** A model in our own format. */
  readonly model?: ModelCard;
  /** Why it cannot be used. */
  readonly refusal?: string;
  /** Whether that was the network, so that another try may go well. */
  readonly isCut?: boolean;
  readonly isLooking: boolean;
}

export type ImportOptionName = keyof ImportOrder['options'];

/** What would come of what was offered. */
export type Outlook =
  | { readonly kind: 'none' }
  | { readonly kind: 'looking' }
  | { readonly kind: 'ready'; readonly plan: ImportPlan }
  /** Something must be said that no file tells. */
  | { readonly kind: 'asks'; readonly option: ImportOptionName; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

/** Where the conversion stands. */
export type Conversion =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly progress: ImportProgress | undefined; readonly ms: number }
  /** What has come from an address is kept; it goes on from there. */
  | { readonly kind: 'paused'; readonly progress: ImportProgress | undefined }
  | { readonly kind: 'failed'; readonly message: string }
  /** The model is there; what its smaller weights cost is being measured. */
  | { readonly kind: 'comparing'; readonly progress: CompareProgress | undefined; readonly ms: number }
  | { readonly kind: 'done'; readonly made: Made };

/** A model that was just made. */
export interface Made extends Imported {
  readonly ms: number;
  /** Why its weights were not compared with the published ones, where that was tried. */
  readonly notCompared?: string;
}

/** What came from an address and is kept, of a model that is not made yet. */
export interface Unfinished {
  /** Where it lies in the browser's storage. */
  readonly folder: string;
  readonly url: string;
  readonly fetchedBytes: number;
  readonly sizeBytes: number;
}

/** The browser's storage for this page, in bytes, and whether the browser promised to keep it. */
export interface Room {
  readonly usedBytes: number;
  readonly leftBytes: number;
  readonly isKept: boolean;
}

export interface BringingSlice {
  readonly tray: readonly Offered[];
  readonly dtype: ImportDtype;
  /** Options that were asked for, in order, and what was said. */
  readonly asked: readonly ImportOptionName[];
  readonly importOptions: ImportOrder['options'];
  readonly outlook: Outlook;
  readonly conversion: Conversion;
  readonly room: Room | undefined;
  readonly unfinished: readonly Unfinished[];
  putOnTray(offered: Offered): void;
  takeOffTray(ids: readonly number[]): void;
  bring(
    part: Partial<
      Pick<BringingSlice, 'dtype' | 'asked' | 'importOptions' | 'outlook' | 'conversion' | 'room' | 'unfinished'>
    >,
  ): void;
}

export const bringingSlice: StateCreator<Studio, [], [], BringingSlice> = (set) => ({
  tray: [],
  dtype: 'f16',
  asked: [],
  importOptions: {},
  outlook: { kind: 'none' },
  conversion: { kind: 'none' },
  room: undefined,
  unfinished: [],
  putOnTray: (offered) =>
    set(({ tray }) => ({
      tray: tray.some(({ id }) => id === offered.id)
        ? tray.map((each) => (each.id === offered.id ? offered : each))
        : [...tray, offered],
    })),
  takeOffTray: (ids) => set(({ tray }) => ({ tray: tray.filter(({ id }) => !ids.includes(id)) })),
  bring: (part) => set(part),
});
