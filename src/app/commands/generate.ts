import type { GenerateResult, StepEvent } from '../../core/engine.ts';
import { failureName, isAbort } from '../../core/failure.ts';
import { positionCount } from '../../core/grid.ts';
import type { GenerateRequest } from '../../core/request.ts';
import { pictureFrame, type Reel } from '../canvas/reel.ts';
import type { Result } from '../store/results.ts';
import { className, type Desk } from './desk.ts';
import { editRun, type EditRun } from './edit.ts';
import { recover, reportError, whenReady } from './machine.ts';
import { keepResult } from './results.ts';

let lastJob = 0;

/**
 * Make what the wish asks for, or paint what boxes and marks ask for: the newest press wins, and a stop keeps what was
 * painted so far.
 */
export async function generate(desk: Desk): Promise<void> {
  const { store } = desk;
  desk.stop?.abort();
  const stop = (desk.stop = new AbortController());
  const id = ++lastJob;
  const { wait, end, machine, setTouring } = store.getState();
  setTouring(false);
  wait(id);
  if (machine.kind !== 'ready' && !(await whenReady(desk, stop.signal))) return end(id);
  const { wish } = store.getState();
  const edit = await editRun(desk);
  if (stop.signal.aborted) return end(id);
  const firstSeed = wish.seedLocked ? wish.seed : desk.randomSeed();
  store.getState().change({ seed: firstSeed });
  store.getState().remember(wish.classId);
  for (let picture = 1; picture <= wish.count && !stop.signal.aborted; picture++) {
    const seed = (firstSeed + picture - 1) >>> 0;
    const request = { classId: wish.classId, settings: wish.settings, ...edit?.request, seed };
    store.getState().begin(id, picture, wish.count, request.settings.steps - request.settings.startStep);
    if (!(await paintOne(desk, id, request, stop.signal, edit))) break;
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
async function paintOne(
  desk: Desk,
  job: number,
  request: GenerateRequest,
  stop: AbortSignal,
  edit: EditRun | undefined,
): Promise<boolean> {
  for (;;) {
    try {
      const finished = await run(desk, job, request, stop, edit);
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

async function run(
  desk: Desk,
  job: number,
  request: GenerateRequest,
  stop: AbortSignal,
  edit: EditRun | undefined,
): Promise<boolean> {
  const { store, seat } = desk;
  const reel = blankReel(desk, request, edit);
  const { show, setPlaying, announce } = store.getState();
  show('live', reel.id, { frame: 0, available: 0, total: pictureFrame(reel.steps) });
  setPlaying(true);
  announce(`Painting ${edit?.name ?? className(desk, request.classId)}, ${reel.steps} steps.`);
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
  await finish(desk, reel, request, result, edit);
  return !result.stopped;
}

/** The picture is there: put it on the stage and on the shelf. */
async function finish(
  desk: Desk,
  reel: Reel,
  request: GenerateRequest,
  made: GenerateResult,
  edit: EditRun | undefined,
): Promise<void> {
  const { store } = desk;
  reel.picture = await desk.toSource(edit ? edit.finish(made.picture) : made.picture);
  const total = pictureFrame(reel.done.length);
  if (made.stopped) store.getState().shorten(reel.id, total);
  const name = edit?.name ?? className(desk, request.classId);
  const result: Result = {
    id: reel.id,
    modelId: store.getState().manifest?.id ?? '',
    classId: reel.classId,
    className: name,
    seed: request.seed,
    settings: request.settings,
    createdAtMs: Date.now(),
    starred: false,
    steps: reel.done.length,
    stopped: made.stopped,
    stepMs: made.stepMs,
    ...(edit && { origin: edit.origin }),
    url: reel.picture.url,
  };
  await keepResult(desk, result, reel, made.tokens);
  store.getState().extend(reel.id, total);
  if (edit) store.getState().stageResult(reel.id);
  else store.getState().openBase(reel.id);
  const steps = made.stopped ? `stopped at step ${result.steps} of ${reel.steps}` : `${result.steps} steps`;
  store.getState().announce(`${name}: finished, ${steps}.`);
}

function blankReel(desk: Desk, { classId, seed, settings }: GenerateRequest, edit: EditRun | undefined): Reel {
  const grid = desk.store.getState().manifest?.config.grid ?? { rows: 1, cols: 1 };
  const steps = Math.min(settings.steps - settings.startStep, positionCount(grid));
  const id = crypto.randomUUID();
  const reel: Reel = { id, classId: edit?.classId ?? classId, seed, grid, steps, done: [], under: edit?.under };
  desk.reels.set(reel.id, reel);
  return reel;
}
