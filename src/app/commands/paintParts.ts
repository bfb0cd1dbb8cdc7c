import type { GenerateResult, Picture } from '../../core/engine.ts';
import { isAbort } from '../../core/failure.ts';
import type { Reel } from '../canvas/reel.ts';
import { askPart } from './askPart.ts';
import type { Desk } from './desk.ts';
import { paceOf, type Painted } from './painted.ts';
import { putPart, wholeStep, type PaintRun, type PartStep } from './paintRun.ts';

/** A press of Generate, or the part of it that is painted together: its job, and what stops it. */
export interface Press {
  readonly id: number;
  readonly seeds: readonly number[];
  readonly stop: AbortSignal;
}

/** What became of one picture: the engine's pictures, one for each part of its run. */
export interface Made extends Painted {
  readonly reel: Reel;
  readonly pictures: readonly Picture[];
}

/** A picture in the making. */
interface Making {
  readonly reel: Reel;
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly pictures: Picture[];
  readonly stepsMs: number[];
}

/**
 * The parts of a run one after the other, each for all pictures of the press together; a part sees the tokens of those
 * before it. A stop ends the part that runs, and those after it are painted in one step each, because half a strip is no
 * picture and half of the boxes no edit. Undefined when another press has taken over.
 */
export async function paintParts(
  desk: Desk,
  press: Press,
  plan: PaintRun,
  reels: readonly Reel[],
): Promise<Made[] | undefined> {
  let making = reels.map((reel): Making => ({ reel, tokens: plan.tokens.slice(), pictures: [], stepsMs: [] }));
  let stopped = false;
  for (const [index, part] of plan.parts.entries()) {
    if (index > 0 && desk.stop?.signal !== press.stop) return undefined;
    stopped ||= index > 0 && press.stop.aborted; // between two parts there is no step that could tell
    const asked = {
      plan,
      index,
      tokens: making.map(({ tokens }) => tokens),
      seeds: making.map(({ reel }) => reel.seed),
    };
    const onStep = listener(desk, press, plan, index, making);
    const inOneStep = (): Promise<GenerateResult[]> =>
      askPart(desk, { ...asked, inOneStep: true }, onStep, new AbortController().signal);
    const results = await (stopped ? inOneStep() : askPart(desk, asked, onStep, press.stop)).catch((error: unknown) => {
      // A stop while a later part was only looked at: no step of it could tell.
      const isLate = index > 0 && isAbort(error) && press.stop.aborted && desk.stop?.signal === press.stop;
      if (!isLate || stopped) throw error;
      stopped = true;
      return inOneStep();
    });
    // What was painted from near is read once more, and no step tells of a press that came meanwhile.
    if (part.closeUp && desk.stop?.signal !== press.stop) return undefined;
    // Those behind were not begun before a stop.
    making = making.slice(0, results.length);
    for (const [i, { tokens, pictures }] of making.entries()) {
      putPart(tokens, plan.grid, part, results[i]!.tokens);
      pictures.push(results[i]!.picture);
      stopped ||= results[i]!.stopped;
    }
  }
  return making.map(({ stepsMs, ...each }) => ({ ...each, stopped, stepMs: paceOf(stepsMs) }));
}

/** Puts what the engine tells of a part into the reels; the first picture's steps are the job's. */
function listener(
  desk: Desk,
  press: Press,
  plan: PaintRun,
  index: number,
  making: readonly Making[],
): (event: PartStep, picture: number) => void {
  const before = making.map(({ tokens }) => tokens.slice());
  return (event, picture) => {
    const { job, reach, extend } = desk.store.getState();
    if (press.stop.aborted && job.kind !== 'running') return;
    const each = making[picture]!;
    const { reel } = each;
    each.stepsMs.push(event.ms);
    reel.done.push(wholeStep(event, before[picture]!, plan, index));
    if (picture === 0) reach(press.id, reel.done.length, paceOf(each.stepsMs));
    extend(reel.id, reel.done.length);
  };
}
