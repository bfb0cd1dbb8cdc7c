import { describe, expect, it } from 'vitest';
import type { LaneOrder, LanePass, Racer } from '../../wire/race.ts';
import { readyDesk } from '../testing/fakeDesk.ts';
import { statusWords, verdictWords } from '../views/raceWords.ts';
import {
  chooseOpponent,
  closeRace,
  openRace,
  raceOf,
  showRace,
  startRace,
  stopRace,
  tickRace,
  type Race,
} from './race.ts';
import { frameOf, passesAt } from '../store/race.ts';

const picture = { width: 1, height: 1, rgba: new Uint8ClampedArray(4) };

/** A pass takes MaskGIT 100 ms and the others 50. */
function fakeRacer(told: { loads: string[]; runs: LaneOrder[]; dismissed: number }, override: Partial<Racer> = {}) {
  const racer: Racer = {
    load: async (url) => void told.loads.push(url),
    async run(order, onPass, stop) {
      told.runs.push(order);
      const [passes, ms] = order.kind === 'parallel' ? [4, 100] : [16, 50];
      for (let pass = 1; pass <= passes; pass++) {
        stop.throwIfAborted();
        onPass(passOf(pass, passes, pass * ms));
      }
      return { passes, ms: passes * ms, picture };
    },
    ...override,
  };
  return { racer, dismiss: () => void told.dismissed++ };
}

function passOf(pass: number, passes: number, atMs: number): LanePass {
  const tokens = new Int32Array(16);
  return { pass, passes, atMs, tokens, guess: tokens, logProb: new Float32Array(16) };
}

async function opened(override: Partial<Racer> = {}) {
  const told = { loads: [] as string[], runs: [] as LaneOrder[], dismissed: 0 };
  const { desk } = readyDesk();
  desk.hireRacer = async () => fakeRacer(told, override);
  desk.store.getState().takeModel('tiny');
  const race = raceOf(desk);
  openRace(race);
  await settled(race);
  return { race, desk, told };
}

const settled = async (race: Race): Promise<void> => {
  while (race.store.getState().phase.kind === 'loading') await new Promise((resolve) => setTimeout(resolve));
};

describe('a race', () => {
  it('loads the model of the page, and no other', async () => {
    const { race, desk, told } = await opened();
    expect(told.loads).toEqual([desk.modelUrl]);
    expect(race.store.getState().phase.kind).toBe('ready');
  });

  it('fetches the causal model only once somebody wants to race against it, and once', async () => {
    const { race, desk, told } = await opened();
    const card = { id: 'tiny-raster', order: 'raster' } as never;
    desk.store.getState().offer({ racers: [card] });
    globalThis.document ??= { baseURI: 'http://localhost/' } as Document;
    for (const opponent of ['cached', 'oneByOne', 'cached'] as const) {
      chooseOpponent(race, opponent);
      await settled(race);
    }
    expect(told.loads).toEqual([desk.modelUrl, 'http://localhost/models/tiny-raster/model.json']);
  });

  it('times each alone with the same seed and class, then shows both on one clock', async () => {
    const { race, told } = await opened();
    await startRace(race);
    expect(told.runs.map(({ kind }) => kind)).toEqual(['parallel', 'oneByOne']);
    expect(new Set(told.runs.map(({ seed, classId }) => `${seed} ${classId}`)).size).toBe(1);
    const framesAt = (shownMs: number): number[] => {
      tickRace(race, shownMs);
      const state = race.store.getState();
      return state.lanes.map((lane) => frameOf(state, lane));
    };
    expect(race.store.getState().phase.kind).toBe('showing');
    // 800 ms of a race are shown in 4 s: five times slower.
    expect(statusWords(race.store.getState())).toContain('5.0 × slower than they were');
    expect(framesAt(0)).toEqual([0, 0]);
    expect(framesAt(500)).toEqual([1, 2]);
    expect(framesAt(2000)).toEqual([5, 8]); // 4 passes and the picture
    expect(framesAt(4000)).toEqual([5, 17]);
    expect(race.store.getState().phase.kind).toBe('finished');
    expect(statusWords(race.store.getState())).toBe('4 passes, 400 ms — 16 passes, 800 ms: MaskGIT is 2.0 × as fast.');
  });

  it('is over at once where things should not move', async () => {
    const { race, desk } = await opened();
    desk.store.getState().prefer({ motion: 'reduced' });
    await startRace(race);
    const state = race.store.getState();
    expect(state.phase.kind).toBe('finished');
    expect(state.lanes.map((lane) => frameOf(state, lane))).toEqual([5, 17]);
  });

  it('can be shown again, and stopped on the way to its end', async () => {
    const { race, told } = await opened();
    await startRace(race);
    tickRace(race, 1e6);
    showRace(race);
    expect([race.store.getState().clockMs, told.runs.length]).toEqual([0, 2]);
    stopRace(race);
    expect(race.store.getState()).toMatchObject({ phase: { kind: 'finished' }, clockMs: 800 });
  });

  it('stops while it is timed, and starts anew from another seed', async () => {
    let release = (): void => {};
    const stuck = new Promise<void>((resolve) => (release = resolve));
    const { race } = await opened({
      async run(_, __, stop) {
        await stuck;
        stop.throwIfAborted();
        throw new Error('was not stopped');
      },
    });
    const running = startRace(race);
    while (race.store.getState().phase.kind !== 'timing') await new Promise((resolve) => setTimeout(resolve));
    stopRace(race);
    release();
    await running;
    expect(race.store.getState()).toMatchObject({ phase: { kind: 'ready' }, clockMs: 0 });
  });

  it('says what went wrong, and lets its worker go when it is closed', async () => {
    const load = async (): Promise<void> => Promise.reject(new Error('There is no GPU.'));
    const { race, told } = await opened({ load });
    expect(statusWords(race.store.getState())).toBe('There is no GPU.');
    closeRace(race);
    await Promise.resolve();
    expect(told.dismissed).toBe(1);
  });

  it('names the faster, whoever that is', () => {
    const lane = (kind: 'parallel' | 'cached', times: number[]) => ({
      kind,
      times,
      passes: times.length,
      hasPicture: true,
    });
    const words = verdictWords([lane('parallel', [500, 1200]), lane('cached', [100, 200, 300])]);
    expect(words).toBe('2 passes, 1.2 s — 3 passes, 300 ms: Causal with a cache is 4.0 × as fast');
  });

  it('counts a pass when its result was there', () => {
    const lane = { kind: 'parallel', passes: 3, times: [10, 20, 30], hasPicture: true } as const;
    expect([0, 9, 10, 29, 30, 99].map((ms) => passesAt(lane, ms))).toEqual([0, 0, 1, 2, 3, 3]);
  });
});
