import type { LoadProgress } from '../../core/engine.ts';
import type { LaneKind } from '../../wire/race.ts';

/** Who may run against MaskGIT. */
export type Opponent = Exclude<LaneKind, 'parallel'>;

/** One of the two that run: when each pass was done, since its start, and whether its picture is there. */
export interface Lane {
  readonly kind: LaneKind;
  readonly passes: number;
  readonly times: readonly number[];
  readonly hasPicture: boolean;
}

/** Where a race stands. `timing`: they run, one after the other; `showing`: both are shown on one clock. */
export type RacePhase =
  | { readonly kind: 'loading'; readonly progress?: LoadProgress }
  | { readonly kind: 'ready' }
  | { readonly kind: 'timing'; readonly lane: LaneKind }
  | { readonly kind: 'showing' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed'; readonly message: string };

export interface RaceState {
  readonly phase: RacePhase;
  readonly opponent: Opponent;
  readonly classId: number;
  readonly lanes: readonly [Lane, Lane];
  /** The time that both lanes show, in ms of the race. */
  readonly clockMs: number;
  /** Milliseconds of the race in one of the show. */
  readonly pace: number;
}

/** How many passes of a lane are done by the clock. */
export function passesAt({ times }: Lane, clockMs: number): number {
  const next = times.findIndex((atMs) => atMs > clockMs);
  return next < 0 ? times.length : next;
}

/** The frame of a lane's reel to show: its picture once its last pass is done. */
export function frameOf({ phase, clockMs }: RaceState, lane: Lane): number {
  if (phase.kind !== 'showing' && phase.kind !== 'finished') return 0;
  const done = passesAt(lane, clockMs);
  return done === lane.passes && lane.hasPicture ? done + 1 : done;
}

/** When a lane was done, in ms of the race. */
export function endOf({ times }: Lane): number {
  return times.at(-1) ?? 0;
}

/** When the slower was done. */
export function longestMs(lanes: readonly Lane[]): number {
  return Math.max(...lanes.map(endOf));
}
