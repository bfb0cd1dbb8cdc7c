import { boxAround, boxOnThirds, MAX_BOXES, moveBox, resizeBox, type PaintBox } from '../../core/boxes.ts';
import type { Grid } from '../../core/grid.ts';
import type { Box } from '../../core/mask.ts';
import { PRESS_CELLS } from '../canvas/boxDrag.ts';
import { sheetOf } from '../store/editing.ts';
import { sheetGrid } from '../store/grids.ts';
import type { StudioStore } from '../store/studio.ts';
import { className, type Desk } from './desk.ts';

type Shop = Pick<Desk, 'store'>;

/** Announcements wait this long, so that a held arrow key says where the box came to rest. */
const ANNOUNCE_MS = 250;
/** Cells that an arrow key moves with Ctrl or ⌘. */
export const LEAP_CELLS = 4;

/** Token grid of the picture that is worked on. */
export function gridOf({ store }: Shop): Grid {
  return sheetGrid(store.getState());
}

/** A box and its number as it is written on it; undefined when there is none of that id. */
export function findBox({ store }: Shop, id: number | undefined): { box: PaintBox; number: number } | undefined {
  const { boxes } = sheetOf(store.getState());
  const index = boxes.findIndex((box) => box.id === id);
  return index < 0 ? undefined : { box: boxes[index]!, number: index + 1 };
}

/** Put a new box on the picture, in the class on show, and select it; undefined when there are too many. */
export function addBox(desk: Desk, place: Box): PaintBox | undefined {
  const { store } = desk;
  if (!hasRoom(store)) return undefined;
  settle(desk);
  const { newBoxId, edit, selectBox, wish } = store.getState();
  const box: PaintBox = { ...place, id: newBoxId(), classId: wish.classId };
  const { boxes } = sheetOf(store.getState());
  edit({ boxes: [...boxes, box] }, `drawing box ${boxes.length + 1}`);
  selectBox(box.id);
  announceBox(desk, box.id);
  return box;
}

/** For the keyboard: a box in the middle of the picture. */
export function addBoxInMiddle(desk: Desk): PaintBox | undefined {
  const grid = gridOf(desk);
  return addBox(desk, boxAround({ row: grid.rows / 2, col: grid.cols / 2 }, PRESS_CELLS, grid));
}

/**
 * What is seen becomes what is worked on, before something new is drawn on it: a recorded run is at its end, and a
 * staged result is kept.
 */
export function settle({ store }: Shop): void {
  const { setTouring, setPlaying, seek, stagedAt, keepStaged, playing, job, showStaged } = store.getState();
  setTouring(false);
  // During a run its picture is seen, not what was staged before.
  if (job.kind !== 'idle') return showStaged(-1);
  if (playing) setPlaying(false);
  seek(Infinity);
  if (stagedAt >= 0) keepStaged();
}

function hasRoom(store: StudioStore): boolean {
  if (sheetOf(store.getState()).boxes.length < MAX_BOXES) return true;
  store.getState().notify(`${MAX_BOXES} boxes at once are the most; remove one first.`);
  return false;
}

/** Change a box's place, size or class, as one step or as part of a run of steps. */
export function changeBox(desk: Shop, id: number, change: Partial<PaintBox>, does: string, run?: string): void {
  const { boxes } = sheetOf(desk.store.getState());
  const number = boxes.findIndex((box) => box.id === id) + 1;
  if (number === 0) return;
  const next = boxes.map((box) => (box.id === id ? { ...box, ...change } : box));
  desk.store.getState().edit({ boxes: next }, `${does} box ${number}`, run && `${run}:${id}`);
  announceBox(desk, id);
}

/** Paint a box as another class; undefined keeps the picture's own. */
export function setBoxClass(desk: Shop, id: number, classId: number | undefined): void {
  const { boxes } = sheetOf(desk.store.getState());
  const number = boxes.findIndex((box) => box.id === id) + 1;
  const next = boxes.map((box) => (box.id === id ? ofClass(box, classId) : box));
  desk.store.getState().edit({ boxes: next }, `the class of box ${number}`);
  announceBox(desk, id);
}

function ofClass(before: PaintBox, classId: number | undefined): PaintBox {
  const { classId: _, ...box } = before;
  return classId === undefined ? box : { ...box, classId };
}

/** Keep a box in its place and size, or let it be moved again. */
export function toggleLock(desk: Shop, id: number): void {
  const found = findBox(desk, id);
  if (!found) return;
  changeBox(desk, id, { locked: !found.box.locked }, found.box.locked ? 'unlocking' : 'locking');
}

/** The box over the whole picture. */
export function fitBox(desk: Shop, id: number): void {
  const { rows, cols } = gridOf(desk);
  changeBox(desk, id, { row: 0, col: 0, height: rows, width: cols }, 'fitting');
}

/** The box with its sides on the lines that cut the picture into thirds. */
export function fitToThirds(desk: Shop, id: number): void {
  const found = findBox(desk, id);
  if (found) changeBox(desk, id, boxOnThirds(found.box, gridOf(desk)), 'fitting');
}

/** Set one number of a box, from its fields; it moves or shrinks as the grid demands. */
export function setBoxNumber(desk: Shop, id: number, field: keyof Box, value: number): void {
  const found = findBox(desk, id);
  if (!found || found.box.locked) return;
  const { rows, cols } = gridOf(desk);
  const wished = { ...found.box, [field]: value };
  const height = Math.max(1, Math.min(wished.height, rows - (field === 'height' ? wished.row : 0)));
  const width = Math.max(1, Math.min(wished.width, cols - (field === 'width' ? wished.col : 0)));
  changeBox(desk, id, moveBox({ ...wished, height, width }, 0, 0, { rows, cols }), 'the numbers of', 'number');
}

export function removeBox(desk: Shop, id: number): void {
  const found = findBox(desk, id);
  if (!found) return;
  const { edit, announce } = desk.store.getState();
  const boxes = sheetOf(desk.store.getState()).boxes.filter((box) => box.id !== id);
  edit({ boxes }, `removing box ${found.number}`);
  announce(`Box ${found.number} removed. ${countWords(boxes.length)}`);
}

/** A copy beside the box, or over it where there is no room. */
export function duplicateBox(desk: Desk, id: number): void {
  const found = findBox(desk, id);
  if (!found) return;
  const { id: _, classId, locked: __, ...place } = found.box;
  const copy = addBox(desk, moveBox(place, 1, 1, gridOf(desk)));
  if (copy) setBoxClass(desk, copy.id, classId);
}

/** Later boxes win where boxes overlap: make this one the last. */
export function bringToFront(desk: Shop, id: number): void {
  const found = findBox(desk, id);
  if (!found) return;
  const { boxes } = sheetOf(desk.store.getState());
  const next = [...boxes.filter((box) => box.id !== id), found.box];
  desk.store.getState().edit({ boxes: next }, `the order of box ${found.number}`);
  announceBox(desk, id);
}

/** Rows and columns that an arrow key goes. */
export const arrows: Readonly<Record<string, readonly [rows: number, cols: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Arrow keys on a box: move; with Shift its right and lower side, with Alt its left and upper one. True when it was one. */
export function nudgeBox(
  desk: Shop,
  id: number,
  event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey'>,
): boolean {
  const arrow = arrows[event.key];
  const found = findBox(desk, id);
  if (!arrow || !found) return false;
  const leap = event.ctrlKey || event.metaKey ? LEAP_CELLS : 1;
  const [rows, cols] = [arrow[0] * leap, arrow[1] * leap];
  const grid = gridOf(desk);
  const { box, number } = found;
  if (box.locked) {
    desk.store.getState().announce(`Box ${number} is locked.`);
    return true;
  }
  if (event.shiftKey) changeBox(desk, id, resizeBox(box, 'se', rows, cols, grid), 'resizing', 'nudge');
  else if (event.altKey) changeBox(desk, id, resizeBox(box, 'nw', rows, cols, grid), 'resizing', 'nudge');
  else changeBox(desk, id, moveBox(box, rows, cols, grid), 'moving', 'nudge');
  return true;
}

/** "Box 2, fox, column 4 row 3, 4 wide 3 high". */
export function boxWords(desk: Shop, id: number): string {
  const found = findBox(desk, id);
  if (!found) return '';
  const { box, number } = found;
  const as = box.classId === undefined ? 'as the picture' : className(desk, box.classId);
  const place = `column ${box.col + 1} row ${box.row + 1}, ${box.width} wide ${box.height} high`;
  return `Box ${number}, ${as}, ${place}${box.locked ? ', locked' : ''}`;
}

let waiting: ReturnType<typeof setTimeout> | undefined;

/** Say where a box is, once it rests. */
export function announceBox(desk: Shop, id: number): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const words = boxWords(desk, id);
    if (words) desk.store.getState().announce(words);
  }, ANNOUNCE_MS);
}

export function countWords(boxes: number): string {
  if (boxes === 0) return 'No boxes are left.';
  return boxes === 1 ? '1 box is left.' : `${boxes} boxes are left.`;
}
