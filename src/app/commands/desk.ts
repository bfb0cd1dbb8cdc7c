import type { Engine, Picture } from '../../core/engine.ts';
import type { Importer, Offering } from '../../wire/importer.ts';
import type { Racer } from '../../wire/race.ts';
import type { Atlas } from '../canvas/atlas.ts';
import type { PictureSource, Reel } from '../canvas/reel.ts';
import type { Frame } from '../store/origin.ts';
import type { StudioStore } from '../store/studio.ts';
import type { PaintPlan, PaintRun } from './paintRun.ts';
import type { SheetShelf } from './sheetShelf.ts';
import type { Kept, Shelf } from './shelf.ts';

/** The place of the engine: it can be cleared and taken anew when a worker or a device is gone. */
export interface EngineSeat {
  readonly engine: Engine;
  /** Dismiss the engine that sits there and start another one. */
  renew(): void;
}

/** An importer that works for us, and how to end it. */
export interface HiredImporter {
  readonly importer: Importer;
  dismiss(): void;
}

/** A racer that works for us, and how to end it. */
export interface HiredRacer {
  readonly racer: Racer;
  dismiss(): void;
}

/** What commands work with; made once in main.tsx, or of fakes in a test. */
export interface Desk {
  readonly store: StudioStore;
  readonly seat: EngineSeat;
  readonly shelf: Shelf;
  /** Where the sheet is kept, and the id of the model whose sheet was read. */
  readonly sheets?: SheetShelf;
  sheetRead?: string;
  /** URL of model.json, or the address of a local model; everything else of the model lies beside it. */
  modelUrl: string;
  /** Object URLs of the pictures and recordings of a local model, by file name. */
  localAssets?: ReadonlyMap<string, string>;
  /** Runs that can be put on the stage, and kept results with all that the shelf holds, by id. */
  readonly reels: Map<string, Reel>;
  readonly kept: Map<string, Kept>;
  /** Tiles of the codebook, once they are there. */
  atlas?: Atlas;
  /** A picture file that waits to be cropped and read. */
  incoming?: Blob;
  /** Whether the last picture that was brought in became a part alone, or a window of the whole. */
  incomingAs?: 'part' | 'window';
  /** Checkpoints that lie on the tray, by id. */
  offerings?: Map<number, Offering>;
  /** The importer while one is hired, and how to hire one. */
  importing?: Promise<HiredImporter>;
  hireImporter?: () => Promise<HiredImporter>;
  /** How to hire who runs races. */
  hireRacer?: () => Promise<HiredRacer>;
  /** Stops the running import. */
  stopImport?: AbortController;
  /** Ends the measurement of what smaller weights cost. */
  stopCompare?: AbortController;
  /** Whether the browser was asked in this visit to keep what was brought in. */
  hasAskedToKeep?: boolean;
  /** What the last press painted: what another try paints while that still runs. */
  plan?: PaintPlan;
  /** What that came to: the run that goes on, or the last one. */
  painting?: PaintRun;
  /** Stops the running job. */
  stop?: AbortController;
  /** When the GPU was lost last, in ms since the epoch; a second loss within a minute is not repaired again. */
  lostAtMs?: number;
  readonly toSource: (picture: Picture) => Promise<PictureSource>;
  readonly toPixels: (source: PictureSource) => Picture;
  readonly fromPng: (png: Blob) => Promise<PictureSource>;
  /** A picture file that a window lies in, small enough to be kept; and that picture whole with the window in its place. */
  readonly readSurroundings: (file: Blob) => Promise<CanvasImageSource>;
  readonly pasteBack: (file: Blob, window: PictureSource, frame: Frame) => Promise<Blob>;
  readonly randomSeed: () => number;
}

/** URL of a file that lies beside model.json. */
export function assetUrl(desk: Pick<Desk, 'modelUrl' | 'localAssets'>, file: string): string {
  if (desk.localAssets) return desk.localAssets.get(file) ?? 'about:blank';
  return new URL(file, desk.modelUrl).href;
}

/** Name of a class for a person; models without names have indices only. */
export function className({ store }: Pick<Desk, 'store'>, classId: number): string {
  return store.getState().manifest?.classes[classId]?.name ?? `class ${classId}`;
}
