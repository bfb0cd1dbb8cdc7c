import { expose, wrap, type Endpoint } from 'comlink';
import type { ModelConfig } from '../core/config.ts';
import type { Stop } from '../core/engine.ts';
import type { ModelManifest } from '../core/manifest.ts';
import type { ModelCard } from '../core/modelCard.ts';
import { callsUntil, onLine } from './jobs.ts';

/** What a person offers to be made a model: files and folders, or the address of a file. */
export type Offering =
  | {
      readonly kind: 'files';
      /** Of the file or the folder. */
      readonly name: string;
      /** One file, or those of a folder by their path in it. */
      readonly files: readonly { readonly path: string; readonly file: Blob }[];
    }
  | { readonly kind: 'address'; readonly url: string };

export type NetworkRole = 'tokenizer' | 'transformer';

/** What an offering is. */
export interface Found {
  readonly name: string;
  readonly sizeBytes: number;
  /** The networks in it and what people call them; none in a model that is converted already. */
  readonly networks: readonly { readonly role: NetworkRole; readonly title: string }[];
  /** A model in our own format: it is copied. */
  readonly model?: ModelCard;
}

export type ImportDtype = 'f32' | 'f16' | 'int8';

/** What is to be made of what. Either `model`, or at least one network. */
export interface ImportOrder {
  readonly model?: Offering;
  readonly tokenizer?: Offering;
  readonly transformer?: Offering;
  readonly dtype: ImportDtype;
  /** What no shape tells, where it was asked for. */
  readonly options: { readonly heads?: number; readonly groups?: number; readonly codebook?: number };
  /** What is known of a public checkpoint; else the model is called by what was recognised. */
  readonly label?: Partial<Pick<ModelManifest, 'name' | 'summary' | 'licence' | 'quality'>>;
}

/** What would come of an order. */
export interface ImportPlan {
  readonly config: ModelConfig;
  /** Of all weights, for each way to store them. */
  readonly sizeBytes: Readonly<Record<ImportDtype, number>>;
}

/** Where a conversion stands. */
export interface ImportProgress {
  /** Another tab converts the same, it goes on here, or files are compared with the hashes that were published. */
  readonly stage: 'waiting' | 'converting' | 'verifying';
  /** Of the weights that the model takes, as they are in the files; of the files while they are verified. */
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** What came from an address, in this visit and before. */
  readonly fetchedBytes: number;
  /** The most bytes of buffers that were in memory at once so far. */
  readonly peakBytes: number;
}

/** A model that was made, and how. */
export interface Imported {
  readonly card: ModelCard;
  /** False when it was there already. */
  readonly isNew: boolean;
  /** Of the weights that were read, as they are in the files. */
  readonly readBytes: number;
  /** The most bytes of buffers that were in memory at once. */
  readonly peakBytes: number;
  /** Names of the files that came from an address and have the SHA-256 that was published there. */
  readonly verified: readonly string[];
}

/** How many of the passes of a comparison are done. */
export interface CompareProgress {
  readonly done: number;
  readonly total: number;
}

/**
 * What turns checkpoints into models in the browser's storage. Everything is read in pieces; a stop rejects with
 * AbortError within a second, and what has come from an address is kept so that the same order goes on from there.
 */
export interface Importer {
  /** Look into an offering. Failures: BadFile, Download. */
  recognise(offering: Offering, stop: Stop): Promise<Found>;
  /** What would be made, by the headers alone. Failures: BadFile; BadRequest where something must be said first. */
  plan(order: ImportOrder, stop: Stop): Promise<ImportPlan>;
  /** Make it. A model that is there already is not made again. Failures: BadFile, BadRequest, Download, Quota. */
  convert(order: ImportOrder, onProgress: (progress: ImportProgress) => void, stop: Stop): Promise<Imported>;
  /**
   * Run the networks of the files and those of the model `id` that was made of them on random token grids; the card with
   * what the conversion cost in its quality, which the model keeps. Failures: those of convert and of loading a model.
   */
  compare(
    order: ImportOrder,
    id: string,
    onProgress: (progress: CompareProgress) => void,
    stop: Stop,
  ): Promise<ModelCard>;
  /** A local model as a zip of its folder. Failure BadFile. */
  pack(id: string): Promise<Blob>;
  /** Remove what has come from an address: once the model is made and compared, nobody needs it. */
  forget(url: string): Promise<void>;
}

/** The importer as it crosses: stops and progress become one port a call. */
interface Served {
  recognise(offering: Offering, line: MessagePort): Promise<Found>;
  plan(order: ImportOrder, line: MessagePort): Promise<ImportPlan>;
  convert(order: ImportOrder, line: MessagePort): Promise<Imported>;
  compare(order: ImportOrder, id: string, line: MessagePort): Promise<ModelCard>;
  pack: Importer['pack'];
  forget: Importer['forget'];
}

/** Worker side: answer the calls that arrive at `end` with this importer. */
export function serveImporter(importer: Importer, end: Endpoint): void {
  const served: Served = {
    recognise: (offering, port) => onLine(port, (_, stop) => importer.recognise(offering, stop)),
    plan: (order, port) => onLine(port, (_, stop) => importer.plan(order, stop)),
    convert: (order, port) =>
      onLine<ImportProgress, Imported>(port, (tell, stop) => importer.convert(order, tell, stop)),
    compare: (order, id, port) =>
      onLine<CompareProgress, ModelCard>(port, (tell, stop) => importer.compare(order, id, tell, stop)),
    pack: (id) => importer.pack(id),
    forget: (url) => importer.forget(url),
  };
  expose(served, end);
}

/** Page side: an importer whose work happens behind `end`. Every call also races `failure`, the worker's death. */
export function connectImporter(end: Endpoint, failure: Promise<never>): Importer {
  const remote = wrap<Served>(end) as unknown as Served;
  const { orFail, withLine } = callsUntil(failure);
  return {
    recognise: (offering, stop) =>
      withLine(
        () => {},
        stop,
        (port) => remote.recognise(offering, port),
      ),
    plan: (order, stop) =>
      withLine(
        () => {},
        stop,
        (port) => remote.plan(order, port),
      ),
    convert: (order, onProgress, stop) => withLine(onProgress, stop, (port) => remote.convert(order, port)),
    compare: (order, id, onProgress, stop) => withLine(onProgress, stop, (port) => remote.compare(order, id, port)),
    pack: (id) => orFail(remote.pack(id)),
    forget: (url) => orFail(remote.forget(url)),
  };
}
