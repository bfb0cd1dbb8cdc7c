import type { PaintBox } from '../../core/boxes.ts';
import type { Picture, StepEvent } from '../../core/engine.ts';
import type { ReelStep, Reel } from '../canvas/reel.ts';
import { boxesOnShow, sheetOf } from '../store/editing.ts';
import type { Studio } from '../store/studio.ts';
import { baseOf } from './base.ts';
import type { Desk } from './desk.ts';
import { editOf } from './edit.ts';
import { keepPainted, paceOf, type Painted } from './painted.ts';
import { putPart, requestOf, wholeStep, type PaintRun } from './paintRun.ts';
import { duration } from './words.ts';

/** Steps of a live picture; edits of mini are as accurate with 4 as with 8 (decision 18). */
const LIVE_STEPS = 4;
/** A step may take this long; slower, and the picture would trail behind the hand. */
export const LIVE_STEP_MS = 60;

/** Why live does not paint now, in one sentence; undefined when it does. */
export function liveObstacle(studio: Studio): string | undefined {
  const { lastStepMs, history, wish } = studio;
  if (sheetOf({ history }).baseId === undefined) return 'Live needs a picture to paint on; make one first.';
  if (lastStepMs === 0) return 'Live begins after the next picture, once its pace is known.';
  if (lastStepMs <= LIVE_STEP_MS) return undefined;
  const pictureMs = lastStepMs * (wish.settings.steps + wish.settings.corrections);
  const pace = `a step takes ${duration(lastStepMs)} on this machine, a picture ${duration(pictureMs)}`;
  return `Too slow for live: ${pace}; live needs ${LIVE_STEP_MS} ms a step.`;
}

/**
 * While a box is drawn, moved or resized, paints it in few steps, one run after the other, always where the box is by
 * then; when it is let go, the run for that place is staged. Returns how to end it.
 */
export function followLive(desk: Desk): () => void {
  return new LivePainter(desk).listen();
}

/** The boxes that a run paints; equal text, equal run. */
function wantedOf(studio: Studio): readonly PaintBox[] | undefined {
  const isOn = studio.live && studio.job.kind === 'idle' && liveObstacle(studio) === undefined;
  return isOn && studio.draft ? boxesOnShow(studio) : undefined;
}

/** A picture that was painted live. */
interface LiveMade extends Painted {
  readonly run: PaintRun;
  readonly reel: Reel;
  readonly url: string;
}

class LivePainter {
  private readonly desk: Desk;
  /** What the hand asks for now; undefined while nothing is dragged. */
  private wanted: readonly PaintBox[] | undefined;
  private running: { readonly stop: AbortController; readonly key: string } | undefined;
  private made: (LiveMade & { readonly key: string }) | undefined;
  /** The drag is over, and the run for its last place is to be staged. */
  private isLetGo = false;
  private seed = 0;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  listen(): () => void {
    const stop = this.desk.store.subscribe((now, before) => {
      if (now.draft !== before.draft) this.follow(now, before);
      else if (now.job.kind !== 'idle' && before.job.kind === 'idle') this.end();
    });
    return () => (stop(), this.end());
  }

  private follow(now: Studio, before: Studio): void {
    const wanted = wantedOf(now);
    if (wanted) {
      if (!before.draft) this.begin();
      this.wanted = wanted;
      return this.next();
    }
    if (!this.wanted || this.isLetGo) return;
    // Letting go clears the draft first and writes the sheet then, in one task; Esc writes nothing.
    queueMicrotask(() => this.letGo(before));
  }

  private begin(): void {
    this.end();
    const { wish } = this.desk.store.getState();
    this.seed = wish.seedLocked ? wish.seed : this.desk.randomSeed();
  }

  private letGo(before: Studio): void {
    const now = this.desk.store.getState();
    const isHeld = now.history !== before.history && now.job.kind === 'idle';
    if (!isHeld || sheetOf(now).boxes.length === 0) return this.end();
    this.wanted = sheetOf(now).boxes;
    this.isLetGo = true;
    // What was begun for another place is of no use any more.
    if (this.running && this.running.key !== keyOf(this.wanted)) this.running.stop.abort();
    this.next();
  }

  /** Start a run for what is wanted, unless one runs or it is there already. */
  private next(): void {
    const { wanted } = this;
    if (!wanted || this.running) return;
    const key = keyOf(wanted);
    if (this.made?.key !== key) return void this.paint(wanted, key);
    if (this.isLetGo) void this.stage(this.made);
  }

  private async paint(boxes: readonly PaintBox[], key: string): Promise<void> {
    const stop = new AbortController();
    const mine = (this.running = { stop, key });
    try {
      const made = await paintLive(this.desk, boxes, this.seed, stop.signal);
      if (made && !stop.signal.aborted && this.running === mine) {
        this.made = { ...made, key };
        this.desk.store.getState().touchUp({ livePicture: made.url });
      }
    } catch {
      // A run that something newer replaced, or that failed: the next press of Repaint will say why.
      if (!stop.signal.aborted) this.end();
    }
    if (this.running !== mine) return;
    this.running = undefined;
    this.next();
  }

  private async stage(made: LiveMade): Promise<void> {
    this.wanted = undefined;
    this.isLetGo = false;
    await stageLive(this.desk, made);
    this.end();
  }

  private end(): void {
    this.running?.stop.abort();
    this.running = undefined;
    this.wanted = undefined;
    this.made = undefined;
    this.isLetGo = false;
    if (this.desk.store.getState().livePicture) this.desk.store.getState().touchUp({ livePicture: undefined });
  }
}

function keyOf(boxes: readonly PaintBox[]): string {
  return JSON.stringify(boxes);
}

/** One live picture; undefined where there is nothing to paint on, or nothing to paint. */
async function paintLive(
  desk: Desk,
  boxes: readonly PaintBox[],
  seed: number,
  stop: AbortSignal,
): Promise<LiveMade | undefined> {
  const base = await baseOf(desk);
  if (!base || stop.aborted) return undefined;
  const run = hastened(editOf(desk, { ...sheetOf(desk.store.getState()), boxes }, base));
  if (run.parts.length === 0) return undefined;
  const made = await paintQuickly(desk, run, seed, stop);
  if (!made) return undefined;
  const { done, pictures, ...painted } = made;
  const { classId, grid, under } = run;
  const picture = await desk.toSource(run.finish(pictures));
  const around = desk.reels.get(base.id)?.around;
  const reel: Reel = { id: crypto.randomUUID(), classId, seed, grid, steps: done.length, done, picture, under, around };
  return { run, reel, url: picture.url, ...painted };
}

/** The parts of a run one after the other, as Generate paints them, without telling anybody; undefined after a stop. */
async function paintQuickly(desk: Desk, run: PaintRun, seed: number, stop: AbortSignal) {
  const done: ReelStep[] = [];
  const pictures: Picture[] = [];
  const tokens = run.tokens.slice();
  const stepsMs: number[] = [];
  for (const [index, part] of run.parts.entries()) {
    const before = tokens.slice();
    const onStep = (step: StepEvent): void => {
      stepsMs.push(step.ms);
      done.push(wholeStep(step, before, run, index));
    };
    const made = await desk.seat.engine.generate(requestOf(run, index, tokens, seed), onStep, stop);
    if (stop.aborted) return undefined;
    putPart(tokens, run.grid, part, made.tokens);
    pictures.push(made.picture);
  }
  return { done, pictures, tokens, stopped: false, stepMs: paceOf(stepsMs) };
}

/** The last live picture is a result like any other; its pace says whether live goes on. */
async function stageLive(desk: Desk, { run, reel, ...painted }: LiveMade): Promise<void> {
  const { store } = desk;
  desk.reels.set(reel.id, reel);
  await keepPainted(desk, run, reel, painted);
  store.setState({ lastStepMs: painted.stepMs });
  store.getState().stageResult(reel.id);
  store.getState().announce('Painted live. Shift+Enter keeps it; Repaint takes more steps.');
}

/** The same run in few steps, and with nothing painted from near: that takes as long as several steps. */
function hastened(run: PaintRun): PaintRun {
  const parts = run.parts.map((part) => {
    const { settings } = part.request;
    const cells = part.mask.reduce((sum, paint) => sum + paint, 0);
    const steps = Math.min(LIVE_STEPS, settings.steps, cells);
    const startStep = Math.min(settings.startStep, steps - 1);
    return {
      ...part,
      closeUp: undefined,
      request: { ...part.request, settings: { ...settings, steps, startStep, corrections: 0 } },
    };
  });
  return { ...run, parts };
}
