import { MASK, positionCount, type Grid } from '../../core/grid.ts';
import type { Box } from '../../core/mask.ts';
import { putWindow } from '../../core/panorama.ts';
import { sureness, type PictureSource, type Reel } from '../canvas/reel.ts';
import { sheetOf } from '../store/editing.ts';
import { isFromImport, type Origin } from '../store/origin.ts';
import { openResult, readReel } from './results.ts';
import type { Studio } from '../store/studio.ts';
import { className, type Desk } from './desk.ts';

/** The picture that is edited, with all that an edit needs of it. */
export interface Base {
  readonly id: string;
  /** [positions] nothing masked. */
  readonly tokens: Int32Array;
  readonly grid: Grid;
  readonly picture: PictureSource;
  readonly classId: number;
  readonly name: string;
  readonly origin: Origin | undefined;
  /** Whether its untouched pixels came from outside the model. */
  readonly isImported: boolean;
}

/** The picture of the sheet, or another one; undefined on a blank canvas, and while the picture is not finished. */
export async function baseOf(
  desk: Desk,
  baseId: string | undefined = sheetOf(desk.store.getState()).baseId,
): Promise<Base | undefined> {
  if (baseId === undefined) return undefined;
  const reel = await readReel(desk, baseId);
  const last = reel?.done.at(-1);
  if (!reel?.picture || !last) return undefined;
  const result = desk.store.getState().results.find(({ id }) => id === baseId);
  return {
    id: baseId,
    tokens: desk.kept.get(baseId)?.tokens ?? last.tokens.map((token, p) => (token === MASK ? last.guess[p]! : token)),
    grid: reel.grid,
    picture: reel.picture,
    classId: reel.classId,
    name: result?.className ?? className(desk, reel.classId),
    origin: result?.origin,
    isImported: isFromImport(result?.origin),
  };
}

/**
 * [positions] how sure the model was of each token of a picture, 0 … 1. Tokens that an edit left alone are as sure
 * as they were in the picture before; of what was brought in the model is asked how likely it finds each token.
 */
export async function surenessOf(desk: Desk, id: string, depth = 0): Promise<Float32Array> {
  const reel = await readReel(desk, id);
  const grid = reel?.grid ?? { rows: 1, cols: 1 };
  if (!reel) return new Float32Array(positionCount(grid)).fill(1);
  const origin = desk.kept.get(id)?.result.origin;
  if (origin?.kind === 'import') await scoreImport(desk, reel);
  const own = sureness(reel, reel.done.length);
  if (origin?.kind !== 'edit' || origin.baseId === undefined || depth > 50) return own;
  const before = laidOut(await surenessOf(desk, origin.baseId, depth + 1), grid, origin.extended?.at);
  return own.map((sure, p) => (origin.mask[p] === 1 ? sure : (before[p] ?? sure)));
}

/** Fill in how likely the model finds the tokens of a picture from outside; without a model they stay wholly sure. */
async function scoreImport({ seat, store }: Desk, { done: [step], grid, classId }: Reel): Promise<void> {
  const { manifest } = store.getState();
  if (!step || step.logProb.some((value) => value !== 0) || positionCount(grid) !== step.tokens.length) return;
  const noClass = manifest?.config.transformer?.nullClass ? -1 : classId;
  const likely = await seat.engine.likelihoods(step.tokens, noClass).catch(() => undefined);
  likely?.forEach((probability, p) => (step.logProb[p] = Math.log(probability)));
}

/** Numbers of a picture before it was extended, on the larger grid. */
function laidOut(values: Float32Array, grid: Grid, at: Box | undefined): Float32Array {
  if (!at) return values;
  const all = new Float32Array(positionCount(grid));
  putWindow(all, grid, at, values);
  return all;
}

/** What the stage should show when nothing is being painted: the staged result, or the picture itself. */
export function onShow(studio: Studio): string | undefined {
  return studio.staged[studio.stagedAt] ?? sheetOf(studio).baseId;
}

/**
 * Keeps the sheet and the stage together: a picture that somebody opens is what is worked on from then on, and undo,
 * redo and the staging bar bring their picture to the stage. Returns how to end it.
 */
export function followStage(desk: Desk): () => void {
  const { store } = desk;
  return store.subscribe((now, before) => {
    const gone = now.results === before.results ? undefined : now.staged.find((id) => !isKnown(now, id));
    if (gone !== undefined) return now.forgetStaged(gone);
    if (now.reelId !== before.reelId || now.showing !== before.showing) adopt(desk);
    else if (now.job.kind === 'idle' && onShow(now) !== onShow(before)) void showWanted(desk);
    else if (now.job.kind === 'idle' && before.job.kind === 'running' && isHalfMade(desk)) void showWanted(desk);
  });
}

function isKnown({ results }: Studio, id: string): boolean {
  return results.some((result) => result.id === id);
}

/** A run that was stopped before its first step left nothing to look at. */
function isHalfMade({ store, reels }: Desk): boolean {
  const { showing, reelId } = store.getState();
  return showing === 'live' && reelId !== undefined && !reels.get(reelId)?.picture;
}

function adopt({ store }: Desk): void {
  const studio = store.getState();
  const { showing, reelId, staged } = studio;
  if (showing === 'live' || reelId === onShow(studio)) return;
  const at = reelId === undefined ? -1 : staged.indexOf(reelId);
  if (at >= 0) studio.showStaged(at);
  else studio.openBase(reelId);
}

async function showWanted(desk: Desk): Promise<void> {
  const { store } = desk;
  const id = onShow(store.getState());
  if (id === undefined) store.getState().clearStage();
  else if (id !== store.getState().reelId || isHalfMade(desk)) await openResult(desk, id);
}
