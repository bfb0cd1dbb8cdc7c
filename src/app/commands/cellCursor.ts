import { moveBox } from '../../core/boxes.ts';
import { sheetOf } from '../store/editing.ts';
import { shownGrid } from '../store/grids.ts';
import type { Cell } from '../store/touchUp.ts';
import { arrows, LEAP_CELLS } from './boxes.ts';
import type { Desk } from './desk.ts';
import { endStroke, stroke } from './masks.ts';
import { lookAtToken } from './tokens.ts';

type Key = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey'>;

/** Announcements wait this long, so that a held arrow key says where it came to rest. */
const ANNOUNCE_MS = 250;

/**
 * Keys on the picture for whoever paints or looks without a pointer: arrows walk the cells (with Ctrl or ⌘ four at a
 * time), Enter and Space paint, erase or look. True when the key was one of them.
 */
export function cellKey(desk: Desk, event: Key): boolean {
  const { tool, cursor, touchUp, job } = desk.store.getState();
  if ((tool !== 'brush' && tool !== 'eraser' && tool !== 'token') || event.shiftKey || event.altKey) return false;
  const arrow = arrows[event.key];
  if (arrow) {
    touchUp({ cursor: walked(desk, cursor, arrow, event.ctrlKey || event.metaKey ? LEAP_CELLS : 1) });
    announceCell(desk);
    return true;
  }
  if (!cursor || job.kind !== 'idle' || !isPress(desk, event)) return false;
  act(desk, cursor, tool);
  return true;
}

/** Enter or Space; with a result on show Enter keeps it, as everywhere on the picture. */
function isPress({ store }: Desk, { key, ctrlKey, metaKey }: Key): boolean {
  return key === ' ' || (key === 'Enter' && store.getState().stagedAt < 0 && !ctrlKey && !metaKey);
}

/** One step from a cell, or the middle of the picture for who has just begun. */
function walked(
  { store }: Desk,
  cursor: Cell | undefined,
  [rows, cols]: readonly [number, number],
  leap: number,
): Cell {
  const grid = shownGrid(store.getState());
  if (!cursor) return { row: grid.rows >> 1, col: grid.cols >> 1 };
  const { row, col } = moveBox({ ...cursor, height: 1, width: 1 }, rows * leap, cols * leap, grid);
  return { row, col };
}

function act(desk: Desk, { row, col }: Cell, tool: 'brush' | 'eraser' | 'token'): void {
  if (tool === 'token') return lookAtToken(desk, row * shownGrid(desk.store.getState()).cols + col);
  const [point, paint] = [{ row: row + 0.5, col: col + 0.5 }, tool === 'brush' ? 1 : 0] as const;
  stroke(desk, point, point, paint);
  endStroke(desk, paint);
}

let waiting: ReturnType<typeof setTimeout> | undefined;

function announceCell({ store }: Desk): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const { cursor, announce, history, biteMask } = store.getState();
    if (!cursor) return;
    const { free, pinned } = sheetOf({ history });
    const p = cursor.row * shownGrid(store.getState()).cols + cursor.col;
    const notes = [
      ...(free?.[p] === 1 ? ['marked'] : []),
      ...(pinned?.[p] === 1 ? ['pinned'] : []),
      ...(biteMask?.[p] === 0 ? ['the brush does not bite here'] : []),
    ];
    announce([`Column ${cursor.col + 1} row ${cursor.row + 1}`, ...notes].join(', '));
  }, ANNOUNCE_MS);
}
