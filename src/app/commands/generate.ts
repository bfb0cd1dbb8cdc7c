import type { GenerateResult, StepEvent } from '../../core/engine.ts';
import { failureName, isAbort } from '../../core/failure.ts';
import { positionCount } from '../../core/grid.ts';
import type { GenerateRequest } from '../../core/request.ts';
import { pictureFrame, type Reel } from '../canvas/reel.ts';
import type { Result } from '../store/results.ts';
import { className, type Desk } from './desk.ts';
import { recover, reportError, whenReady } from './machine.ts';
import { keepResult } from './results.ts';

let lastJob = 0;

/** Make what the wish asks for: the newest press wins, and a stop keeps what was painted so far. */
export async function generate(desk: Desk): Promise<void> {
  const { store } = desk;
  desk.stop?.abort();
  const stop = (desk.stop = new AbortController());
  const id = ++lastJob;
  const { wait, end, machine, setTouring } = store.getState();
  setTouring(false);
  if (machine.kind !== 'ready') {
    wait(id);
    if (!(await whenReady(desk, stop.signal))) return end(id);
  }
  const { wish } = store.getState();
  const firstSeed = wish.seedLocked ? wish.seed : desk.randomSeed();
  store.getState().change({ seed: firstSeed });
  store.getState().remember(wish.classId);
  for (let picture = 1; picture <= wish.count && !stop.signal.aborted; picture++) {
    const seed = (firstSeed + picture - 1) >>> 0;
    store.getState().begin(id, picture, wish.count, wish.settings.steps);
    const request = { classId: wish.classId, seed, settings: wish.settings };
    if (!(await paintOne(desk, id, request, stop.signal))) break;
  }
  end(id);
}

/** The button's one meaning: start, or stop what runs. */
export function generateOrStop(desk: Desk): void {
  if (desk.store.getState().job.kind === 'idle') void generate(desk);
  else stopJob(desk);
}

export function stopJob({ stop, store }: Desk): void {
  const { job, end } = store.getState();
  if (job.kind === 'waiting') end(job.id);
  stop?.abort();
}

/** Another seed, at once; a run in the making is dropped for it. */
export function generateAnew(desk: Desk): void {
  desk.store.getState().change({ seedLocked: false });
  void generate(desk);
}

/** One picture, repeated once when the GPU is lost under it; true when the next may follow. */
async function paintOne(desk: Desk, job: number, request: GenerateRequest, stop: AbortSignal): Promise<boolean> {
  for (;;) {
    try {
      const finished = await run(desk, job, request, stop);
      return finished;
    } catch (error) {
      if (isAbort(error) || stop.aborted) return false;
      const isLost = failureName(error) === 'DeviceLost';
      if (isLost && (await recover(desk, error))) continue;
      if (!isLost) reportError(desk, error);
      return false;
    }
  }
}

async function run(desk: Desk, job: number, request: GenerateRequest, stop: AbortSignal): Promise<boolean> {
  const { store, seat } = desk;
  const reel = blankReel(desk, request);
  const { show, setPlaying, announce } = store.getState();
  show('live', reel.id, { frame: 0, available: 0, total: pictureFrame(reel.steps) });
  setPlaying(true);
  announce(`Painting ${className(desk, request.classId)}, ${reel.steps} steps.`);
  let totalMs = 0;
  const onStep = (event: StepEvent): void => {
    if (stop.aborted && store.getState().job.kind !== 'running') return;
    totalMs += event.ms;
    reel.done.push({ tokens: event.tokens, guess: event.guess, logProb: event.logProb });
    store.getState().reach(job, reel.done.length, totalMs / reel.done.length);
    store.getState().extend(reel.id, reel.done.length);
  };
  const result = await seat.engine.generate(request, onStep, stop);
  if (reel.done.length === 0) return false;
  await finish(desk, reel, request, result);
  return !result.stopped;
}

/** The picture is there: put it on the stage and on the shelf. */
async function finish(desk: Desk, reel: Reel, request: GenerateRequest, made: GenerateResult): Promise<void> {
  const { store } = desk;
  reel.picture = await desk.toSource(made.picture);
  const total = pictureFrame(reel.done.length);
  if (made.stopped) store.getState().shorten(reel.id, total);
  const name = className(desk, request.classId);
  const result: Result = {
    id: reel.id,
    modelId: store.getState().manifest?.id ?? '',
    classId: request.classId,
    className: name,
    seed: request.seed,
    settings: request.settings,
    createdAtMs: Date.now(),
    starred: false,
    steps: reel.done.length,
    stopped: made.stopped,
    stepMs: made.stepMs,
    url: reel.picture.url,
  };
  await keepResult(desk, result, reel, made.tokens);
  store.getState().extend(reel.id, total);
  const steps = made.stopped ? `stopped at step ${result.steps} of ${reel.steps}` : `${result.steps} steps`;
  store.getState().announce(`${name}: finished, ${steps}.`);
}

function blankReel(desk: Desk, { classId, seed, settings }: GenerateRequest): Reel {
  const grid = desk.store.getState().manifest?.config.grid ?? { rows: 1, cols: 1 };
  const steps = Math.min(settings.steps, positionCount(grid));
  const reel: Reel = { id: crypto.randomUUID(), classId, seed, grid, steps, done: [] };
  desk.reels.set(reel.id, reel);
  return reel;
}
