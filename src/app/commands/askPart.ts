import { batchOf } from '../../core/batch.ts';
import {
  maskFromNear,
  pictureFromAfar,
  pictureFromNear,
  placeOf,
  stepFromAfar,
  type CloseUp,
} from '../../core/closeUp.ts';
import type { GenerateResult, Picture } from '../../core/engine.ts';
import { MASK, type Grid } from '../../core/grid.ts';
import { maskTokens, type TokenMask } from '../../core/mask.ts';
import { takeWindow } from '../../core/panorama.ts';
import type { GenerateRequest } from '../../core/request.ts';
import type { Desk } from './desk.ts';
import { isLastOfWindow, requestOf, type PaintRun, type PartStep } from './paintRun.ts';

/** What is asked of a part, for each picture of a press. */
export interface PartRequest {
  readonly plan: Pick<PaintRun, 'parts' | 'grid' | 'before'>;
  readonly index: number;
  /** [pictures][positions] of the whole picture, as far as it is painted. */
  readonly tokens: readonly Int32Array<ArrayBuffer>[];
  readonly seeds: readonly number[];
  /** Paint it in one step and as it is, because a stop came before it. */
  readonly inOneStep?: boolean;
}

type OnStep = (event: PartStep, picture: number) => void;

/** Paint a part of several pictures, in its close-up where it has one; events and results are of its window all the same. */
export async function askPart(
  desk: Desk,
  asked: PartRequest,
  onStep: OnStep,
  stop: AbortSignal,
): Promise<GenerateResult[]> {
  const { plan, index, tokens, seeds, inOneStep } = asked;
  const requests = tokens.map((each, i) => {
    const request = requestOf(plan, index, each, seeds[i]!);
    const { settings } = request;
    return inOneStep ? { ...request, settings: { ...settings, steps: 1, startStep: 0, corrections: 0 } } : request;
  });
  const part = plan.parts[index]!;
  const { box, mask, closeUp } = part;
  if (!closeUp || inOneStep) return ask(desk, requests, onStep, stop);
  const seen = tokens.map((each) => tokensSeen(plan, index, each));
  const view = { grid: { rows: box.height, cols: box.width }, mask, closeUp, requests, seen };
  return askNear(desk, { ...view, wantsPicture: isLastOfWindow(plan.parts, index) }, onStep, stop);
}

/** [positions] of a part's window: what is painted already, and what was there before. */
function tokensSeen({ parts, grid, before }: PartRequest['plan'], index: number, tokens: Int32Array<ArrayBuffer>) {
  const { box } = parts[index]!;
  const old = before && takeWindow(before, grid, box);
  return takeWindow(tokens, grid, box).map((token, p) => (token === MASK ? (old?.[p] ?? MASK) : token));
}

/** A part that is painted from near, in its window. */
interface NearRequest {
  readonly grid: Grid;
  readonly mask: TokenMask;
  readonly closeUp: CloseUp;
  /** [pictures] what would be asked without a close-up, and [pictures][positions] what the window shows. */
  readonly requests: readonly GenerateRequest[];
  readonly seen: readonly Int32Array<ArrayBuffer>[];
  readonly wantsPicture: boolean;
}

/**
 * Look at the part from near, paint it there, make it small again, and read its tokens. Around it nothing changes. The
 * picture of the result is decoded from those tokens, so that it is what they stand for.
 */
async function askNear(
  desk: Desk,
  { grid, mask, closeUp, requests, seen, wantsPicture }: NearRequest,
  onStep: OnStep,
  stop: AbortSignal,
): Promise<GenerateResult[]> {
  const { engine } = desk.seat;
  const open = maskFromNear(mask, grid, closeUp);
  const pictures = await inTurn(seen, (tokens) => engine.decode(tokens));
  const around = await inTurn(pictures, (picture) => engine.encode(pictureFromNear(picture, grid, closeUp)));
  // A run that is asked for takes the place of the newest one, even with a stop that has come already.
  stop.throwIfAborted();
  const results = await ask(
    desk,
    // No code is banned here: what is encoded afterwards could bring it back (editParts).
    requests.map(({ classId, seed, settings }, i) => ({
      classId,
      seed,
      settings,
      tokens: maskTokens(around[i]!, open),
    })),
    (event, i) => {
      const { tokens, guess, logProb } = event;
      const near = { grid, at: placeOf(closeUp, grid), mask, open, tokens, guess, logProb };
      onStep({ ...stepFromAfar(event, seen[i]!, mask, grid, closeUp), near }, i);
    },
    stop,
  );
  return inTurn(results, async (result, i) => {
    const painted = await engine.encode(pictureFromAfar(pictures[i]!, result.picture, mask, grid, closeUp));
    const tokens = seen[i]!.map((token, p) => (mask[p] === 1 ? painted[p]! : token));
    return { ...result, tokens, picture: wantsPicture ? await engine.decode(tokens) : noPicture };
  });
}

const noPicture: Picture = { width: 0, height: 0, rgba: new Uint8ClampedArray(0) };

/** The engine does one thing at a time. */
async function inTurn<A, B>(list: readonly A[], work: (each: A, index: number) => Promise<B>): Promise<B[]> {
  const done: B[] = [];
  for (const [i, each] of list.entries()) done.push(await work(each, i));
  return done;
}

function ask({ seat: { engine } }: Desk, requests: readonly GenerateRequest[], onStep: OnStep, stop: AbortSignal) {
  if (requests.length > 1) {
    return engine.generateBatch(batchOf(requests), (event) => onStep(event, event.picture), stop);
  }
  return engine.generate(requests[0]!, (event) => onStep(event, 0), stop).then((result) => [result]);
}
