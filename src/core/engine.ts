import type { BatchRequest } from './batch.ts';
import type { Grid } from './grid.ts';
import type { ModelManifest } from './manifest.ts';
import type { GenerateRequest } from './request.ts';
import type { CodeQuery, TopCodes } from './topCodes.ts';
import type { TuningOrder, TuningReport } from './tuning.ts';

/** What an AbortSignal offers to whoever must stop; core knows no DOM. */
export interface Stop {
  readonly aborted: boolean;
  throwIfAborted(): void;
}

/** Pixels as a canvas wants them: RGBA, 8 bits, row-major. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** What the engine runs on, as plain data for a person to read and for the page to choose a model by. */
export interface AdapterReport {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** A software adapter: everything works, slowly. */
  readonly isFallback: boolean;
  /** Names of the optional features in use, for example 'shader-f16'. */
  readonly features: readonly string[];
}

export type LoadStage = 'manifest' | 'download' | 'verify' | 'upload' | 'compile' | 'warmUp' | 'ready';

/** Where a load stands; `doneBytes` and `totalBytes` count the shards as the manifest states them. */
export interface LoadProgress {
  readonly stage: LoadStage;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Whether the bytes came from the browser's storage. */
  readonly fromCache: boolean;
}

/** What a loaded model can do and what it cost. */
export interface LoadedModel {
  readonly manifest: ModelManifest;
  readonly grid: Grid;
  readonly adapter: AdapterReport;
  /** Bytes on the GPU: weights, and activations at their peak. */
  readonly weightBytes: number;
  readonly scratchBytes: number;
  readonly loadMs: number;
  /** How many pictures of one class are best asked for as one batch. */
  readonly picturesAtOnce: number;
  /** Why the files must come again at the next visit, where they must: the storage is full, or there is none. */
  readonly notKept?: 'full' | 'closed';
}

/** What one executed step of the sampler did; arrays are copies the receiver owns. */
export interface StepEvent {
  /** 0-based index of the step that was executed, and how many there are: those of the schedule and the corrector steps. */
  readonly step: number;
  readonly steps: number;
  /** [positions] after the step: what is fixed, MASK elsewhere. */
  readonly tokens: Int32Array<ArrayBuffer>;
  /** [positions] the full guess: the fixed tokens and the draw of this step elsewhere. */
  readonly guess: Int32Array<ArrayBuffer>;
  /** [positions] log-probability of the draw; 0 where the token was known before. */
  readonly logProb: Float32Array<ArrayBuffer>;
  /** [positions] logProb + choice noise; +infinity where the token was known before. */
  readonly confidence: Float32Array<ArrayBuffer>;
  /** How long the step took; that of a batch, for all of its pictures together. */
  readonly ms: number;
}

/** A step of one picture of several; each picture's own come in order. */
export interface BatchStepEvent extends StepEvent {
  /** Index of the picture in the request. */
  readonly picture: number;
}

export interface GenerateResult {
  /** [positions]; when stopped early the guess fills what was still masked. */
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly picture: Picture;
  /** Executed steps, and whether a stop cut the run short. */
  readonly steps: number;
  readonly stopped: boolean;
  readonly stepMs: number;
  readonly decodeMs: number;
}

/**
 * The engine as the page and the command line see it. One job at a time, and the newest wins: a new `generate` takes the
 * place of the one before, a new `load` of both, and what was replaced rejects with AbortError. A `generate` waits for
 * a load.
 * Every method rejects with a `Failure` by name (core/failure.ts).
 */
export interface Engine {
  /** Find a GPU. Failures: NoWebGpu, InsecurePage, NoAdapter, DeviceRefused. */
  open(): Promise<AdapterReport>;
  /** Load the model whose model.json lies at `url`, replacing the one before and freeing its memory. */
  load(url: string, onProgress: (progress: LoadProgress) => void, stop: Stop): Promise<LoadedModel>;
  /**
   * Paint what is MASK. A stop takes effect within one step and resolves with the partial result, `stopped: true`; a
   * stop before the first step rejects with AbortError.
   */
  generate(request: GenerateRequest, onStep: (event: StepEvent) => void, stop: Stop): Promise<GenerateResult>;
  /**
   * Paint several pictures, each as `generate` paints it alone: a step of all of them at a time where they fit onto the
   * adapter together, else some after the others. A stop takes effect within one step of those that are being painted; what
   * had not begun then has no result.
   */
  generateBatch(request: BatchRequest, onStep: (event: BatchStepEvent) => void, stop: Stop): Promise<GenerateResult[]>;
  /** The tokens of a picture of the model's size. */
  encode(picture: Picture): Promise<Int32Array<ArrayBuffer>>;
  /** The picture of a full token grid. */
  decode(tokens: Int32Array): Promise<Picture>;
  /** What the model would put at one position, given the rest: its `count` likeliest codes. */
  topCodes(query: CodeQuery, count: number): Promise<TopCodes>;
  /** [positions] how likely each token of a finished picture is, given the rest, 0 … 1. */
  likelihoods(tokens: Int32Array, classId: number): Promise<Float32Array<ArrayBuffer>>;
  /**
   * How the loaded model's products are computed on this adapter. What an order measures is used from the next load on;
   * a run that is asked for meanwhile waits for one product at most.
   */
  tuning(order: TuningOrder): Promise<TuningReport>;
}
