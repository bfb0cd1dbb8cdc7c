import { expose, transfer, wrap, type Endpoint } from 'comlink';
import type { LoadProgress, Picture, Stop } from '../core/engine.ts';
import { callsUntil, onLine } from './jobs.ts';
import { buffersOf } from './line.ts';

/**
 * Who runs: MaskGIT with its few steps, the same network one token a pass in raster order, or a causal network that
 * remembers what it has seen.
 */
export type LaneKind = 'parallel' | 'oneByOne' | 'cached';

export interface LaneOrder {
  readonly kind: LaneKind;
  readonly classId: number;
  readonly seed: number;
}

/** What one pass did; arrays are copies the receiver owns. */
export interface LanePass {
  /** 1-based, and how many the run has. */
  readonly pass: number;
  readonly passes: number;
  /** [positions] after the pass, MASK where still open; and the full guess, where the network has one. */
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly guess: Int32Array<ArrayBuffer>;
  /** [positions] */
  readonly logProb: Float32Array<ArrayBuffer>;
  /** When its result was there, since the run began. */
  readonly atMs: number;
}

export interface LaneResult {
  readonly passes: number;
  /** From the first submit to the last result; the decode is the same for all and not in it. */
  readonly ms: number;
  readonly picture: Picture;
}

/** Runs lanes one after the other, each alone on the GPU. */
export interface Racer {
  /** Load a model and warm it up; one that draws token by token runs in the lane 'cached', any other in both others. */
  load(url: string, onProgress: (progress: LoadProgress) => void, stop: Stop): Promise<void>;
  /** A stop rejects with AbortError within a pass. Failures: BadRequest, DeviceLost. */
  run(order: LaneOrder, onPass: (pass: LanePass) => void, stop: Stop): Promise<LaneResult>;
}

/** The racer as it crosses: events and stops become one port a call. */
interface Served {
  load(url: string, line: MessagePort): Promise<void>;
  run(order: LaneOrder, line: MessagePort): Promise<LaneResult>;
}

/** Worker side: answer the calls that arrive at `end` with this racer. */
export function serveRacer(racer: Racer, end: Endpoint): void {
  const served: Served = {
    load: (url, port) => onLine<LoadProgress, void>(port, (tell, stop) => racer.load(url, tell, stop)),
    run: async (order, port) => {
      const result = await onLine<LanePass, LaneResult>(port, (tell, stop) => racer.run(order, tell, stop));
      return transfer(result, buffersOf(result.picture));
    },
  };
  expose(served, end);
}

/** Page side: a racer behind `end`. Every call also races `failure`, the worker's death. */
export function connectRacer(end: Endpoint, failure: Promise<never>): Racer {
  const remote = wrap<Served>(end) as unknown as Served;
  const { withLine } = callsUntil(failure);
  return {
    load: (url, onProgress, stop) => withLine(onProgress, stop, (port) => remote.load(url, port)),
    run: (order, onPass, stop) => withLine(onPass, stop, (port) => remote.run(order, port)),
  };
}
