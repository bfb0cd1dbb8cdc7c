import { expect, test } from 'vitest';
import type { BatchRequest } from '../../core/batch.ts';
import type { BatchStepEvent, Engine } from '../../core/engine.ts';
import { Failure } from '../../core/failure.ts';
import { MASK } from '../../core/grid.ts';
import { editingDesk } from '../testing/editingDesk.ts';
import { readyDesk, tinyManifest } from '../testing/fakeDesk.ts';
import { fakeEngine } from '../testing/fakeEngine.ts';
import { addBox, setBoxClass } from './boxes.ts';
import type { Desk } from './desk.ts';
import { generate, stopJob } from './generate.ts';

const painter = fakeEngine({ manifest: tinyManifest });
const state = (desk: Desk) => desk.store.getState();

/** The fake's batch with its steps told as the engine tells them: of all pictures, then the next of all. */
const inStep =
  (asked: BatchRequest[] = [], onTold: (event: BatchStepEvent) => void = () => {}): Engine['generateBatch'] =>
  async (batch, onStep, stop) => {
    asked.push(batch);
    const events: BatchStepEvent[] = [];
    const results = await painter.generateBatch(batch, (event) => events.push(event), new AbortController().signal);
    let executed = 0;
    for (; executed < batch.settings.steps && !stop.aborted; executed++) {
      for (const event of events.filter(({ step }) => step === executed)) {
        onStep(event);
        onTold(event);
      }
    }
    return results.map((result) => ({ ...result, steps: executed, stopped: executed < batch.settings.steps }));
  };

function deskOf(engine: Partial<Engine>, { count = 4, atOnce = 4 } = {}) {
  const made = readyDesk({ engine });
  const model = { weightBytes: 1, scratchBytes: 1, loadMs: 1, picturesAtOnce: atOnce };
  made.desk.store.getState().setMachine({ kind: 'ready', model });
  made.desk.store.getState().change({ count, seed: 10, seedLocked: true });
  return made;
}

test('pictures are asked for as many at a time as the engine says, the rest behind them', async () => {
  const asked: BatchRequest[] = [];
  const { desk } = deskOf({ generateBatch: inStep(asked) }, { count: 6 });
  const words: string[] = [];
  desk.store.subscribe(({ job }) => {
    if (job.kind === 'running') words.push(`${job.picture} + ${job.together} of ${job.pictures}`);
  });
  await generate(desk);
  expect(asked.map(({ pictures }) => pictures.map(({ seed }) => seed))).toEqual([
    [10, 11, 12, 13],
    [14, 15],
  ]);
  expect([...new Set(words)]).toEqual(['1 + 4 of 6', '5 + 2 of 6']);
  expect(state(desk).results.map(({ seed }) => seed)).toEqual([15, 14, 13, 12, 11, 10]);
  expect(await desk.shelf.all()).toHaveLength(6);
  expect(state(desk).job).toEqual({ kind: 'idle' });
});

test('a single picture that is left over is asked for alone', async () => {
  const asked: BatchRequest[] = [];
  const seeds: number[] = [];
  const { desk } = deskOf(
    {
      generateBatch: inStep(asked),
      generate: (request, onStep, stop) => (seeds.push(request.seed), painter.generate(request, onStep, stop)),
    },
    { count: 5 },
  );
  await generate(desk);
  expect(asked).toHaveLength(1);
  expect(seeds).toEqual([14]);
  expect(state(desk).results).toHaveLength(5);
});

test('the stage shows the steps of the first, and then it; each picture keeps its own steps', async () => {
  const frames: number[] = [];
  const { desk } = deskOf({
    generateBatch: inStep([], ({ picture }) => picture === 3 && frames.push(state(desk).availableFrames)),
  });
  await generate(desk);
  expect(frames).toEqual([1, 2, 3, 4]);
  const [fourth, third, second, first] = state(desk).results;
  expect(first!.seed).toBe(10);
  expect([state(desk).reelId, state(desk).availableFrames, state(desk).totalFrames]).toEqual([first!.id, 5, 5]);
  const tokensAt = (id: string, step: number) => desk.reels.get(id)!.done[step]!.tokens.join();
  for (const result of [first, second, third, fourth]) expect(desk.reels.get(result!.id)!.done).toHaveLength(4);
  const seconds = new Set([first, second, third, fourth].map((result) => tokensAt(result!.id, 1)));
  expect(seconds.size).toBe(4);
});

test('a stop keeps what every picture had by then, and nothing follows', async () => {
  const { desk } = deskOf(
    { generateBatch: inStep([], ({ step, picture }) => step === 1 && picture === 3 && stopJob(desk)) },
    { count: 8 },
  );
  await generate(desk);
  expect(state(desk).results.map(({ seed, stopped, steps }) => [seed, stopped, steps])).toEqual(
    [13, 12, 11, 10].map((seed) => [seed, true, 2]),
  );
  expect(state(desk).totalFrames).toBe(3);
  expect(state(desk).job).toEqual({ kind: 'idle' });
});

test('pictures that were not begun before a stop leave nothing behind', async () => {
  const { desk } = deskOf({
    generateBatch: async (batch, onStep, stop) => {
      const { pictures } = batch;
      const part = { ...batch, pictures: pictures.slice(0, 2) };
      return inStep([], ({ step, picture }) => step === 1 && picture === 1 && stopJob(desk))(part, onStep, stop);
    },
  });
  await generate(desk);
  expect(state(desk).results.map(({ seed }) => seed)).toEqual([11, 10]);
  expect([...desk.reels.keys()].toSorted()).toEqual(
    state(desk)
      .results.map(({ id }) => id)
      .toSorted(),
  );
});

test('a newer press takes the place of the whole batch', async () => {
  const { desk } = deskOf({
    generateBatch: inStep([], ({ step, picture }) => {
      if (step !== 1 || picture !== 0 || state(desk).wish.classId === 2) return;
      state(desk).change({ classId: 2 });
      void generate(desk);
    }),
  });
  await generate(desk);
  await expect.poll(() => state(desk).job.kind).toBe('idle');
  expect(state(desk).results.map(({ className }) => className)).toEqual(['castle', 'castle', 'castle', 'castle']);
});

test('a lost GPU is brought back, and the same pictures are painted again', async () => {
  let calls = 0;
  const { desk, seats } = deskOf({
    generateBatch: (batch, onStep, stop) => {
      if (calls++ === 0) throw new Failure('DeviceLost', 'the device is lost');
      return inStep()(batch, onStep, stop);
    },
  });
  await generate(desk);
  expect(seats.renewed).toBe(1);
  expect(state(desk).results.map(({ seed }) => seed)).toEqual([13, 12, 11, 10]);
});

test('several tries of an edit are staged, the first on show; each goes on from its own boxes before', async () => {
  const { desk, requests } = editingDesk();
  state(desk).change({ classId: 2 });
  await generate(desk);
  const model = { weightBytes: 0, scratchBytes: 0, loadMs: 0, picturesAtOnce: 4 };
  state(desk).setMachine({ kind: 'ready', model });
  setBoxClass(desk, addBox(desk, { row: 0, col: 0, height: 1, width: 2 })!.id, 1);
  setBoxClass(desk, addBox(desk, { row: 4, col: 4, height: 1, width: 2 })!.id, 3);
  state(desk).change({ count: 3, seed: 5, seedLocked: true });
  requests.length = 0;
  await generate(desk);
  const { staged, stagedAt, reelId } = state(desk);
  expect(staged.map((id) => desk.kept.get(id)!.result.seed)).toEqual([5, 6, 7]);
  expect([stagedAt, reelId]).toEqual([0, staged[0]]);
  // First the box of the one class in all three, then that of the other, over what each has painted.
  expect(requests.map(({ classId }) => classId)).toEqual([1, 1, 1, 3, 3, 3]);
  const firstBox = requests.slice(3).map(({ tokens }) => tokens![0]!);
  expect(new Set(firstBox).size).toBe(3);
  expect(firstBox).not.toContain(MASK);
});
