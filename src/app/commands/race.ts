import { createStore, type StoreApi } from 'zustand/vanilla';
import { isAbort } from '../../core/failure.ts';
import { positionCount } from '../../core/grid.ts';
import type { ModelCard } from '../../core/modelCard.ts';
import type { LaneKind, LanePass } from '../../wire/race.ts';
import type { Reel } from '../canvas/reel.ts';
import { longestMs, type Lane, type Opponent, type RaceState } from '../store/race.ts';
import type { Desk, HiredRacer } from './desk.ts';
import { isMotionReduced } from './motion.ts';
import { modelUrlOf } from './models.ts';

/** A race while its view is open: made when it opens, gone with it. */
export interface Race {
  readonly desk: Desk;
  readonly store: StoreApi<RaceState>;
  /** What each lane paints. */
  readonly reels: Map<LaneKind, Reel>;
  hired?: Promise<HiredRacer>;
  /** Addresses of the models that the racer has. */
  readonly loaded: Set<string>;
  stop?: AbortController;
  isClosed: boolean;
}

/** A show lasts at least and at most so long, whatever the race took. */
const LEAST_SHOW_MS = 4000;
const MOST_SHOW_MS = 12_000;

/** A race of the model on the page, before anybody comes to it. */
export function raceOf(desk: Desk): Race {
  const { wish } = desk.store.getState();
  const store = createStore<RaceState>()(() => ({
    phase: { kind: 'loading' },
    opponent: 'oneByOne',
    classId: wish.classId,
    lanes: freshLanes(desk, 'oneByOne'),
    clockMs: 0,
    pace: 1,
  }));
  return { desk, store, reels: new Map(), loaded: new Set(), isClosed: false };
}

/** A worker is hired, and takes the model. */
export function openRace(race: Race): void {
  race.isClosed = false;
  void prepare(race);
}

/** End whatever runs, and the worker. */
export function closeRace(race: Race): void {
  race.isClosed = true;
  race.stop?.abort();
  void race.hired?.then(({ dismiss }) => dismiss());
  delete race.hired;
  race.loaded.clear();
}

/** The model that races against the one on the page with a cache; undefined where none ships. */
export function racerOf({ store }: Pick<Desk, 'store'>): ModelCard | undefined {
  const { racers, modelRef } = store.getState();
  return racers.find(({ id }) => id === `${modelRef}-raster`);
}

export function chooseOpponent(race: Race, opponent: Opponent): void {
  stopRace(race);
  race.store.setState({ opponent });
  void prepare(race);
}

export function chooseRaceClass(race: Race, classId: number): void {
  stopRace(race);
  race.store.setState({ classId });
  blank(race);
}

/** Load what the two lanes need and is not there; then everything waits for the start. */
async function prepare(race: Race): Promise<void> {
  const { desk, store, loaded } = race;
  const { opponent } = store.getState();
  const card = opponent === 'cached' ? racerOf(desk) : undefined;
  const urls = [desk.modelUrl, ...(card ? [modelUrlOf(card.id)] : [])].filter((url) => !loaded.has(url));
  const stop = takeStop(race);
  blank(race);
  try {
    for (const url of urls) {
      store.setState({ phase: { kind: 'loading' } });
      const { racer } = await hire(race);
      await racer.load(url, (progress) => store.setState({ phase: { kind: 'loading', progress } }), stop);
      loaded.add(url);
    }
    store.setState({ phase: { kind: 'ready' } });
  } catch (error) {
    tell(race, error);
  }
}

function hire(race: Race): Promise<HiredRacer> {
  const { hireRacer } = race.desk;
  if (hireRacer === undefined) return Promise.reject(new Error('No race can be held here.'));
  return (race.hired ??= hireRacer());
}

/** A stop for a new job; the job before it ends. */
function takeStop(race: Race): AbortSignal {
  race.stop?.abort();
  race.stop = new AbortController();
  return race.stop.signal;
}

/** Time both, each alone, from a new seed; then show them together. */
export async function startRace(race: Race): Promise<void> {
  const { desk, store } = race;
  const stop = takeStop(race);
  const seed = desk.randomSeed();
  blank(race);
  try {
    const { racer } = await hire(race);
    for (const { kind } of store.getState().lanes) {
      store.setState({ phase: { kind: 'timing', lane: kind } });
      const { classId } = store.getState();
      const reel = newReel(race, kind, seed);
      race.reels.set(kind, reel);
      const { picture } = await racer.run({ kind, classId, seed }, (pass) => note(race, reel, kind, pass), stop);
      reel.picture = await desk.toSource(picture);
      change(race, kind, { hasPicture: true });
    }
    stop.throwIfAborted();
    showRace(race);
  } catch (error) {
    if (!stop.aborted) tell(race, error);
  }
}

/** Show the last race once more; at once its end where things should not move. */
export function showRace(race: Race): void {
  const { desk, store } = race;
  const takenMs = longestMs(store.getState().lanes);
  const pace = takenMs / Math.min(MOST_SHOW_MS, Math.max(LEAST_SHOW_MS, takenMs));
  if (isMotionReduced(desk.store)) store.setState({ phase: { kind: 'finished' }, clockMs: takenMs, pace });
  else store.setState({ phase: { kind: 'showing' }, clockMs: 0, pace });
}

/** The clock goes on: `shownMs` since the show began. True while it goes on. */
export function tickRace({ store }: Race, shownMs: number): boolean {
  const { phase, lanes, pace } = store.getState();
  if (phase.kind !== 'showing') return false;
  const endMs = longestMs(lanes);
  const clockMs = Math.min(endMs, shownMs * pace);
  const isOver = clockMs >= endMs;
  store.setState({ clockMs, ...(isOver && { phase: { kind: 'finished' } as const }) });
  return !isOver;
}

/** While they are timed: back to the start. While they are shown: to the end. */
export function stopRace(race: Race): void {
  const { phase, lanes } = race.store.getState();
  if (phase.kind === 'showing') {
    race.store.setState({ phase: { kind: 'finished' }, clockMs: longestMs(lanes) });
  } else if (phase.kind === 'timing') {
    race.stop?.abort();
    blank(race);
    race.store.setState({ phase: { kind: 'ready' } });
  }
}

function freshLanes({ store }: Pick<Desk, 'store'>, opponent: Opponent): readonly [Lane, Lane] {
  const { manifest } = store.getState();
  const passes = manifest ? positionCount(manifest.config.grid) : 0;
  const lane = (kind: LaneKind, count: number): Lane => ({ kind, passes: count, times: [], hasPicture: false });
  const { steps, corrections } = manifest?.sampler ?? { steps: 0, corrections: 0 };
  return [lane('parallel', steps + corrections), lane(opponent, passes)];
}

function blank(race: Race): void {
  const { store, reels, desk } = race;
  reels.clear();
  store.setState(({ opponent }) => ({ lanes: freshLanes(desk, opponent), clockMs: 0, pace: 1 }));
}

function newReel({ desk, store }: Race, kind: LaneKind, seed: number): Reel {
  const { classId, lanes } = store.getState();
  const steps = lanes.find((lane) => lane.kind === kind)!.passes;
  const { grid } = desk.store.getState().manifest!.config;
  return { id: `race ${kind} ${seed}`, classId, seed, grid, steps, done: [] };
}

function note(race: Race, reel: Reel, kind: LaneKind, { tokens, guess, logProb, passes, atMs }: LanePass): void {
  reel.done.push({ tokens, guess, logProb });
  const { times } = race.store.getState().lanes.find((lane) => lane.kind === kind)!;
  change(race, kind, { passes, times: [...times, atMs] });
}

function change({ store }: Race, kind: LaneKind, part: Partial<Lane>): void {
  const changed = (lane: Lane): Lane => (lane.kind === kind ? { ...lane, ...part } : lane);
  store.setState(({ lanes: [first, second] }) => ({ lanes: [changed(first), changed(second)] }));
}

/** Say what went wrong; a stop is nothing wrong, and nobody listens once the view is closed. */
function tell(race: Race, error: unknown): void {
  if (isAbort(error) || race.isClosed) return;
  const message = error instanceof Error ? error.message : String(error);
  race.store.setState({ phase: { kind: 'failed', message } });
}
