import { growMask, invertMask, shrinkMask, weakestPositions, type CellPoint } from '../../core/boxes.ts';
import { positionCount } from '../../core/grid.ts';
import { type TokenMask } from '../../core/mask.ts';
import { brushed, strokePoints } from '../canvas/boxDrag.ts';
import { sheetOf } from '../store/editing.ts';
import { surenessOf } from './base.ts';
import { gridOf, settle } from './boxes.ts';
import type { Desk } from './desk.ts';

type Shop = Pick<Desk, 'store'>;

function freeMask(desk: Shop): TokenMask {
  return sheetOf(desk.store.getState()).free ?? new Uint8Array(positionCount(gridOf(desk)));
}

/** Begin or go on with a stroke of the brush (1) or the eraser (0), from one point to the next. */
export function stroke(desk: Desk, from: CellPoint, to: CellPoint, paint: 0 | 1): void {
  const { store } = desk;
  if (!store.getState().stroke) settle(desk);
  const grid = gridOf(desk);
  const { brushSize } = store.getState();
  const mask = (store.getState().stroke ?? freeMask(desk)).slice();
  const takes = brushTakes(desk, paint);
  for (const point of strokePoints(from, to)) {
    for (const p of brushed(point, brushSize, grid)) if (takes(p)) mask[p] = paint;
  }
  store.getState().scribble(mask);
}

/** Which cells a stroke changes: pinned ones are never marked, and a biting brush takes only what the model was unsure of. */
function brushTakes({ store }: Shop, paint: 0 | 1): (position: number) => boolean {
  const { biteMask } = store.getState();
  const { pinned } = sheetOf(store.getState());
  if (paint === 0) return () => true;
  return (p) => pinned?.[p] !== 1 && (biteMask?.[p] ?? 1) === 1;
}

/** The stroke is done: one step of the history. */
export function endStroke(desk: Shop, paint: 0 | 1): void {
  const { stroke: mask } = desk.store.getState();
  if (mask) setMask(desk, mask, paint === 1 ? 'a brush stroke' : 'erasing');
}

function setMask({ store }: Shop, mask: TokenMask, does: string): void {
  const { pinned } = sheetOf(store.getState());
  store.getState().edit({ free: mask.map((paint, p) => (pinned?.[p] === 1 ? 0 : paint)) }, does);
  const { free } = sheetOf(store.getState());
  store.getState().announce(`${markedWords(free)}.`);
}

/** "12 cells are marked". */
export function markedWords(free: TokenMask | undefined): string {
  const count = free?.reduce((sum, paint) => sum + paint, 0) ?? 0;
  return count === 1 ? '1 cell is marked' : `${count || 'No'} cells are marked`;
}

export function invertFree(desk: Desk): void {
  settle(desk);
  setMask(desk, invertMask(freeMask(desk)), 'inverting the marks');
}
export function growFree(desk: Desk): void {
  setMask(desk, growMask(freeMask(desk), gridOf(desk)), 'growing the marks');
}
export function shrinkFree(desk: Desk): void {
  setMask(desk, shrinkMask(freeMask(desk), gridOf(desk)), 'shrinking the marks');
}

/** Take away every box and every mark. */
export function clearAll({ store }: Shop): void {
  const { boxes, free } = sheetOf(store.getState());
  if (boxes.length === 0 && !free) return;
  store.getState().edit({ boxes: [], free: undefined }, 'clearing boxes and marks');
  store.getState().announce('Boxes and marks are cleared.');
}

/** Mark the `share` of the picture that the model was least sure of, beside what is marked already. */
export async function markWeakest(desk: Desk, share: number): Promise<void> {
  settle(desk);
  const { baseId } = sheetOf(desk.store.getState());
  if (baseId === undefined) return;
  const weakest = weakestPositions(await surenessOf(desk, baseId), share);
  setMask(desk, weakest, `marking the weakest ${Math.round(share * 100)} %`);
}

/** Mark a `share` of the picture by chance: painted anew, it becomes a variation. */
export function markAtRandom(desk: Desk, share: number): void {
  settle(desk);
  const count = positionCount(gridOf(desk));
  const order = Float32Array.from({ length: count }, () => desk.randomSeed());
  setMask(desk, weakestPositions(order, share), `marking ${Math.round(share * 100)} % by chance`);
}

/** What boxes and marks paint, with marks that are being drawn; for showing, so an empty mask is one too. */
export function marksOnShow({ stroke: drawn, history }: ReturnType<Desk['store']['getState']>): TokenMask | undefined {
  return drawn ?? sheetOf({ history }).free;
}
