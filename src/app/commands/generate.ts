import type { GenerateResult, Picture, StepEvent } from '../../core/engine.ts';
import { failureName, isAbort } from '../../core/failure.ts';
import { pictureFrame, type Reel } from '../canvas/reel.ts';
import type { Desk } from './desk.ts';
import { editRun } from './edit.ts';
import { recover, reportError, whenReady } from './machine.ts';
import { freshRun, putPart, requestOf, stepsOf, wholeStep, type PaintPlan, type PaintRun } from './paintRun.ts';
import { keepPainted, type Painted } from './painted.ts';
import { counted } from './words.ts';

let lastJob = 0;

/**
 * Make what the wish asks for, or paint what the plan says, which is what boxes and marks ask for: the newest press wins,
 * and a stop keeps what was painted so far.
 */
export async function generate(desk: Desk, plan: PaintPlan = editRun): Promise<void> {
  const { store } = desk;
  desk.plan = plan;
  desk.stop?.abort();
  const stop = (desk.stop = new AbortController());
  const id = ++lastJob;
  const { wait, end, machine, setTouring } = store.getState();
  setTouring(false);
  wait(id);
  if (machine.kind !== 'ready' && !(await whenReady(desk, stop.signal))) return end(id);
  const { wish } = store.getState();
  const planned = await planOf(desk, plan);
  if (stop.signal.aborted || !planned) return end(id);
  desk.painting = planned;
  const firstSeed = wish.seedLocked ? wish.seed : desk.randomSeed();
  store.getState().change({ seed: firstSeed });
  store.getState().remember(wish.classId);
  const steps = planned.parts.reduce((sum, part) => sum + stepsOf(part), 0);
  for (let picture = 1; picture <= wish.count && !stop.signal.aborted; picture++) {
    const seed = (firstSeed + picture - 1) >>> 0;
    store.getState().begin(id, picture, wish.count, steps);
    if (!(await paintOne(desk, { id, seed, stop: stop.signal }, planned))) break;
  }
  end(id);
}

/** What a plan comes to; undefined when there is nothing to paint. */
async function planOf(desk: Desk, plan: PaintPlan): Promise<PaintRun | undefined> {
  const planned = (await plan(desk)) ?? (plan === editRun ? freshRun(desk) : undefined);
  if (planned?.parts.length !== 0) return planned;
  desk.store.getState().notify('Every cell to repaint is pinned; unpin one first.');
  return undefined;
}

/** The button's one meaning: start, or stop what runs. */
export function generateOrStop(desk: Desk): void {
  const { manifest, openDialog } = desk.store.getState();
  if (manifest && !manifest.config.transformer) return openDialog('import'); // it reads pictures and paints none
  if (desk.store.getState().job.kind === 'idle') void generate(desk);
  else stopJob(desk);
}

export function stopJob({ stop, store }: Desk): void {
  const { job, end } = store.getState();
  if (job.kind === 'waiting') end(job.id);
  stop?.abort();
}

/** A picture of a press: its job, its seed, and what stops it. */
interface Press {
  readonly id: number;
  readonly seed: number;
  readonly stop: AbortSignal;
}

/** One picture, repeated once when the GPU is lost under it; true when the next may follow. */
async function paintOne(desk: Desk, press: Press, plan: PaintRun): Promise<boolean> {
  for (;;) {
    try {
      const finished = await run(desk, press, plan);
      return finished;
    } catch (error) {
      if (isAbort(error) || press.stop.aborted) return false;
      const isLost = failureName(error) === 'DeviceLost';
      if (isLost && (await recover(desk, error))) continue;
      if (!isLost) reportError(desk, error);
      return false;
    }
  }
}

async function run(desk: Desk, press: Press, plan: PaintRun): Promise<boolean> {
  const reel = blankReel(desk, press, plan);
  const { show, setPlaying, announce } = desk.store.getState();
  show('live', reel.id, { frame: 0, available: 0, total: pictureFrame(reel.steps), grid: plan.grid });
  setPlaying(true);
  announce(`Painting ${plan.name}, ${counted(reel.steps, 'step')}.`);
  const made = await paintParts(desk, press, plan, reel);
  // What a newer press has replaced is no picture that anybody asked to see.
  if (!made || (made.stopped && desk.stop?.signal !== press.stop)) return (desk.reels.delete(reel.id), false);
  if (reel.done.length === 0) return false;
  await finish(desk, plan, reel, made);
  return !made.stopped;
}

/** What the parts of a run came to. */
interface Made extends Painted {
  readonly pictures: readonly Picture[];
}

/**
 * The parts one after the other; each sees the tokens of those before it. A stop ends the part that runs, and those after
 * it are painted in one step each, because half a strip is no picture and half of the boxes no edit. Undefined when another
 * press has taken over.
 */
async function paintParts(desk: Desk, press: Press, plan: PaintRun, reel: Reel): Promise<Made | undefined> {
  const tokens = plan.tokens.slice();
  const pictures: Picture[] = [];
  let [stopped, totalMs] = [false, 0];
  for (const [index, part] of plan.parts.entries()) {
    if (index > 0 && desk.stop?.signal !== press.stop) return undefined;
    stopped ||= index > 0 && press.stop.aborted; // between two parts there is no step that could tell
    const request = requestOf(plan, index, tokens, press.seed);
    const before = tokens.slice();
    const onStep = (event: StepEvent): void => {
      if (press.stop.aborted && desk.store.getState().job.kind !== 'running') return;
      totalMs += event.ms;
      reel.done.push(wholeStep(event, before, plan, index));
      desk.store.getState().reach(press.id, reel.done.length, totalMs / reel.done.length);
      desk.store.getState().extend(reel.id, reel.done.length);
    };
    const quick = { ...request, settings: { ...request.settings, steps: 1, startStep: 0 } };
    const result: GenerateResult = stopped
      ? await desk.seat.engine.generate(quick, onStep, new AbortController().signal)
      : await desk.seat.engine.generate(request, onStep, press.stop);
    putPart(tokens, plan.grid, part, result.tokens);
    pictures.push(result.picture);
    stopped ||= result.stopped;
  }
  return { pictures, tokens, stopped, stepMs: totalMs / Math.max(1, reel.done.length) };
}

/** The picture is there: put it on the stage and on the shelf. */
async function finish(desk: Desk, plan: PaintRun, reel: Reel, made: Made): Promise<void> {
  const { store } = desk;
  const { name, origin } = plan;
  reel.picture = await desk.toSource(plan.finish(made.pictures));
  const total = pictureFrame(reel.done.length);
  if (made.stopped) store.getState().shorten(reel.id, total);
  const result = await keepPainted(desk, plan, reel, made);
  store.getState().extend(reel.id, total);
  if (origin) store.getState().stageResult(reel.id);
  else store.getState().openBase(reel.id);
  const steps = made.stopped ? `stopped at step ${result.steps} of ${reel.steps}` : counted(result.steps, 'step');
  const { staged } = store.getState();
  const next = origin ? ` Result ${staged.length} of ${staged.length}; Shift+Enter keeps it.` : '';
  store.getState().announce(`${name}: finished, ${steps}.${next}`);
}

function blankReel(desk: Desk, { seed }: Press, plan: PaintRun): Reel {
  const { classId, grid, under, origin } = plan;
  const steps = plan.parts.reduce((sum, part) => sum + stepsOf(part), 0);
  // What was extended goes on over what lay around it: it is a picture of its own.
  const around = origin?.extended ? undefined : desk.reels.get(origin?.baseId ?? '')?.around;
  const reel: Reel = { id: crypto.randomUUID(), classId, seed, grid, steps, done: [], under, around };
  desk.reels.set(reel.id, reel);
  return reel;
}
