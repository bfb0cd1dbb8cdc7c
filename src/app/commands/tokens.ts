import { boxAround } from '../../core/boxes.ts';
import { positionCount, type Grid } from '../../core/grid.ts';
import { takeWindow } from '../../core/panorama.ts';
import type { TopCodes } from '../../core/topCodes.ts';
import type { Reel } from '../canvas/reel.ts';
import { sheetOf } from '../store/editing.ts';
import { modelGrid, shownGrid } from '../store/grids.ts';
import type { Studio } from '../store/studio.ts';
import { baseOf, onShow, surenessOf, type Base } from './base.ts';
import { settle } from './boxes.ts';
import type { Desk } from './desk.ts';
import { editOf } from './edit.ts';
import { reportError } from './machine.ts';
import { keepPainted } from './painted.ts';
import type { PaintRun } from './paintRun.ts';

/** How many codes are offered for a token. */
const TOP_CODES = 8;

/** A token of the picture on show, and what the model would rather put there. */
export interface TokenLook {
  readonly position: number;
  /** The code that stands there. */
  readonly code: number;
  /** Probability that the model gave it when it was painted, 0 … 1. */
  readonly sure: number;
  readonly top: TopCodes;
}

/** Look at the token of a position of the picture on show. */
export function lookAtToken({ store }: Pick<Desk, 'store'>, position: number): void {
  const { touchUp, job } = store.getState();
  if (job.kind !== 'idle' || onShow(store.getState()) === undefined) return;
  const { cols } = shownGrid(store.getState());
  touchUp({ look: position, cursor: { row: Math.floor(position / cols), col: position % cols } });
}

/** Read a token of the picture on show; undefined where there is no finished picture. Rejects with the engine's failures. */
export async function readToken(desk: Desk, position: number): Promise<TokenLook | undefined> {
  const base = await baseOf(desk, onShow(desk.store.getState()));
  if (!base || position >= base.tokens.length) return undefined;
  const sure = await surenessOf(desk, base.id);
  const [tokens, at] = windowAround(base, position, modelGrid(desk.store.getState()));
  const top = await desk.seat.engine.topCodes({ tokens, position: at, classId: classOf(desk, base) }, TOP_CODES);
  return { position, code: base.tokens[position]!, sure: sure[position] ?? top.own, top };
}

/** What the model sees of a picture about a position: all of it, or a window of a panorama; and the position in that. */
function windowAround({ tokens, grid }: Base, position: number, window: Grid): [Int32Array, number] {
  const [row, col] = [Math.floor(position / grid.cols), position % grid.cols];
  const square = boxAround({ row: row + 0.5, col: col + 0.5 }, Math.max(window.rows, window.cols), grid);
  const box = { ...square, height: window.rows, width: window.cols };
  if (tokens.length === positionCount(window)) return [tokens, position];
  return [takeWindow(tokens, grid, box), (row - box.row) * window.cols + col - box.col];
}

/** A photograph shows no class of the model's: where the model can, it is read without one. */
function classOf({ store }: Desk, { isImported, classId }: Base): number {
  const hasNull = store.getState().manifest?.config.transformer?.nullClass ?? false;
  return isImported && hasNull ? -1 : classId;
}

/**
 * Put another code at a position and decode the picture: a staged result. Another choice for the same token is another
 * result of the same picture; on a result that changed something else it is kept first.
 */
export async function setToken(desk: Desk, { position, top }: TokenLook, code: number): Promise<void> {
  const { store } = desk;
  if (!isChoiceOf(store.getState(), position)) settle(desk);
  const sheet = sheetOf(store.getState());
  const base = await baseOf(desk);
  if (!base || base.tokens[position] === code) return store.getState().showStaged(-1);
  const free = new Uint8Array(base.tokens.length);
  free[position] = 1;
  // Pixels are put back as after any edit; pins guard against chance, not against a choice.
  const edit = editOf(desk, { ...sheet, boxes: [], free, pinned: undefined }, base);
  const tokens = Int32Array.from(base.tokens).with(position, code);
  const at = top.codes.indexOf(code);
  const logProb = new Float32Array(tokens.length);
  logProb[position] = Math.log(at < 0 ? top.own : top.probabilities[at]!);
  try {
    const made = await Promise.all(
      edit.parts.map(({ box }) => desk.seat.engine.decode(takeWindow(tokens, base.grid, box))),
    );
    const picture = await desk.toSource(edit.finish(made));
    const step = { tokens, guess: tokens, logProb };
    const { grid, classId, under } = edit;
    const around = desk.reels.get(base.id)?.around;
    const id = crypto.randomUUID();
    const reel: Reel = { id, classId, seed: 0, grid, steps: 1, done: [step], picture, under, around };
    await stage(desk, edit, reel, tokens);
  } catch (error) {
    reportError(desk, error);
  }
}

/** Whether what is seen is another choice for the token of this position, or the picture itself. */
function isChoiceOf({ staged, stagedAt, results }: Studio, position: number): boolean {
  if (stagedAt < 0) return true;
  const { origin } = results.find(({ id }) => id === staged[stagedAt]) ?? {};
  return origin?.kind === 'edit' && origin.isByHand === true && origin.mask[position] === 1;
}

async function stage(desk: Desk, edit: PaintRun, reel: Reel, tokens: Int32Array): Promise<void> {
  desk.reels.set(reel.id, reel);
  const origin = edit.origin && { ...edit.origin, isByHand: true };
  await keepPainted(desk, { ...edit, origin }, reel, { tokens, stopped: false, stepMs: 0 });
  const { stageResult, announce } = desk.store.getState();
  stageResult(reel.id);
  announce('The token is set. Enter keeps the picture.');
}

/** Pin a token, so that nothing paints it anew, or let go of it. */
export function togglePin(desk: Pick<Desk, 'store'>, position: number): void {
  settle(desk); // what one pins on is what one means
  const { edit, announce, history } = desk.store.getState();
  const { pinned, free } = sheetOf({ history });
  const count = positionCount(shownGrid(desk.store.getState()));
  const pins = pinned?.length === count ? pinned : new Uint8Array(count);
  const isPinned = pins[position] === 1;
  edit(
    {
      pinned: pins.with(position, isPinned ? 0 : 1),
      ...(!isPinned && free?.[position] === 1 && { free: free.with(position, 0) }),
    },
    isPinned ? 'unpinning a token' : 'pinning a token',
  );
  announce(isPinned ? 'Unpinned.' : 'Pinned: nothing paints this token anew.');
}

/** Let go of every pin. */
export function unpinAll({ store }: Pick<Desk, 'store'>): void {
  store.getState().edit({ pinned: undefined }, 'unpinning all tokens');
  store.getState().announce('No token is pinned.');
}

/** Ban a code from what is painted on this picture from now on, or allow it again. */
export function toggleBan({ store }: Pick<Desk, 'store'>, code: number): void {
  const { edit, announce, history } = store.getState();
  const { banned } = sheetOf({ history });
  const isBanned = banned.includes(code);
  edit(
    { banned: isBanned ? banned.filter((one) => one !== code) : [...banned, code] },
    `${isBanned ? 'allowing' : 'banning'} code ${code}`,
  );
  announce(isBanned ? `Code ${code} may be painted again.` : `Code ${code} is banned from this picture.`);
}
