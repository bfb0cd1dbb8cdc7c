import { failureName, isAbort } from '../../core/failure.ts';
import { pictureFrame, type Reel } from '../canvas/reel.ts';
import type { Desk } from './desk.ts';
import { editRun } from './edit.ts';
import { recover, reportError, whenReady } from './machine.ts';
import { paintParts, type Made, type Press } from './paintParts.ts';
import { freshRun, stepsOf, type PaintPlan, type PaintRun } from './paintRun.ts';
import { keepPainted } from './painted.ts';
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
  for (let done = 0; done < wish.count && !stop.signal.aborted;) {
    const together = Math.min(atOnce(desk), wish.count - done);
    const seeds = Array.from({ length: together }, (_, i) => (firstSeed + done + i) >>> 0);
    store.getState().begin(id, done + 1, wish.count, steps, together);
    if (!(await paint(desk, { id, seeds, stop: stop.signal }, planned))) break;
    done += together;
  }
  end(id);
}

/** How many pictures the engine wants to be asked for together. */
function atOnce({ store }: Desk): number {
  const { machine } = store.getState();
  return machine.kind === 'ready' ? machine.model.picturesAtOnce : 1;
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

/** What is painted together, repeated once when the GPU is lost under it; true when the next may follow. */
async function paint(desk: Desk, press: Press, plan: PaintRun): Promise<boolean> {
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
  const reels = press.seeds.map((seed) => blankReel(desk, seed, plan));
  const [first] = reels as [Reel];
  const { show, setPlaying, announce } = desk.store.getState();
  show('live', first.id, { frame: 0, available: 0, total: pictureFrame(first.steps), grid: plan.grid });
  setPlaying(true);
  announce(`Painting ${plan.name}, ${several(reels)}${counted(first.steps, 'step')}.`);
  const made = await paintParts(desk, press, plan, reels);
  // What a newer press has replaced is no picture that anybody asked to see.
  const isReplaced = !made || (made[0]!.stopped && desk.stop?.signal !== press.stop);
  const kept = isReplaced ? [] : made;
  for (const reel of reels) if (!kept.some((each) => each.reel === reel)) desk.reels.delete(reel.id);
  if (kept.length === 0 || first.done.length === 0) return false;
  for (const each of kept) await keep(desk, plan, each);
  present(desk, plan, kept);
  return !kept[0]!.stopped;
}

/** The picture is there: put it on the shelf. */
async function keep(desk: Desk, plan: PaintRun, made: Made): Promise<void> {
  const { reel } = made;
  reel.picture = await desk.toSource(plan.finish(made.pictures));
  const total = pictureFrame(reel.done.length);
  if (made.stopped) desk.store.getState().shorten(reel.id, total);
  await keepPainted(desk, plan, reel, made);
  desk.store.getState().extend(reel.id, total);
}

/** Put what was painted on the stage: of several the first, whose steps were seen there. */
function present({ store }: Desk, { name, origin }: PaintRun, made: readonly Made[]): void {
  const [{ reel, stopped }] = made as [Made];
  if (origin) {
    for (const each of made) store.getState().stageResult(each.reel.id);
    store.getState().showStaged(store.getState().staged.indexOf(reel.id));
  } else store.getState().openBase(reel.id);
  const { length } = reel.done;
  const steps = stopped ? `stopped at step ${length} of ${reel.steps}` : counted(length, 'step');
  const { staged, stagedAt } = store.getState();
  const next = origin ? ` Result ${stagedAt + 1} of ${staged.length}; Shift+Enter keeps it.` : '';
  store.getState().announce(`${name}: finished, ${several(made)}${steps}.${next}`);
}

/** "4 pictures, " where there is more than one. */
function several({ length }: readonly unknown[]): string {
  return length > 1 ? `${counted(length, 'picture')}, ` : '';
}

function blankReel(desk: Desk, seed: number, plan: PaintRun): Reel {
  const { classId, grid, under, origin } = plan;
  const steps = plan.parts.reduce((sum, part) => sum + stepsOf(part), 0);
  // What was extended goes on over what lay around it: it is a picture of its own.
  const around = origin?.extended ? undefined : desk.reels.get(origin?.baseId ?? '')?.around;
  const reel: Reel = { id: crypto.randomUUID(), classId, seed, grid, steps, done: [], under, around };
  desk.reels.set(reel.id, reel);
  return reel;
}
