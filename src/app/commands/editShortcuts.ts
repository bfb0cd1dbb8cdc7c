import { directions, type Direction } from '../../core/panorama.ts';
import { addBoxInMiddle, findBox } from './boxes.ts';
import type { Desk } from './desk.ts';
import { extendPicture } from './extend.ts';
import { clearAll, invertFree, markWeakest } from './masks.ts';
import { pressTool } from './holdTool.ts';
import { undoDelete } from './results.ts';
import type { Shortcut } from './shortcuts.ts';
import { compareWith, keepStaged, redoEdit, toggleSlider, undoEdit, walkStaged } from './staging.ts';
import { brushSizes, type Tool } from '../store/editing.ts';

type Fits = Shortcut['fits'];

const single =
  (key: string): Fits =>
  (event, mod) =>
    !mod && !event.altKey && !event.shiftKey && event.key.toLowerCase() === key;
/** Keys that buttons want for themselves: these are for the picture and for the page where nothing has the focus. */
const onStage =
  (fits: Fits): Fits =>
  (event, mod) => {
    const { target } = event;
    const isFree = target instanceof HTMLElement && (target.id === 'stage' || target === document.body);
    return isFree && fits(event, mod);
  };
const tool = (key: string, take: Tool, does: string): Shortcut => ({
  keys: [key.toUpperCase()],
  does,
  group: 'Repaint',
  isSingle: true,
  fits: single(key),
  run: (desk) => pressTool(desk, take, key),
});

/** Keep what is staged; else, with the box tool, put a box in the middle and focus it. */
function enter(desk: Desk): void | false {
  if (keepStaged(desk)) return undefined;
  if (desk.store.getState().tool !== 'box') return false;
  const box = addBoxInMiddle(desk);
  requestAnimationFrame(() => document.querySelector<SVGElement>(`g[data-box="${box?.id}"]`)?.focus());
  return undefined;
}

/** Esc when nothing runs: end the comparison, let go of the box, put the tool down; one of them at a time. */
export function leaveTool({ store }: Desk): void | false {
  const { tool: now, chooseTool, selectedBox, selectBox, compare, setCompare, job } = store.getState();
  if (job.kind !== 'idle') return false;
  if (compare !== 'off') return setCompare('off');
  if (findBox({ store }, selectedBox)) return selectBox(undefined);
  return now === 'view' ? false : chooseTool('view');
}

const brush = (by: number) => (desk: Desk) => {
  const { brushSize, setBrushSize } = desk.store.getState();
  const next = brushSizes[brushSizes.indexOf(brushSize) + by];
  return next === undefined ? false : setBrushSize(next);
};

/** The shortcuts of painting a part anew; they come before the page's others. */
export const editShortcuts: readonly Shortcut[] = [
  tool('v', 'view', 'Look and move'),
  tool('b', 'box', 'Box: drag, or Enter for one in the middle; hold for one box'),
  tool('p', 'brush', 'Brush'),
  tool('e', 'eraser', 'Eraser'),
  tool('x', 'token', 'Look at a token'),
  {
    keys: ['['],
    does: 'Smaller brush',
    group: 'Repaint',
    isSingle: true,
    fits: bracket('BracketLeft'),
    run: brush(-1),
  },
  { keys: [']'], does: 'Larger brush', group: 'Repaint', isSingle: true, fits: bracket('BracketRight'), run: brush(1) },
  { keys: ['I'], does: 'Invert the marks', group: 'Repaint', isSingle: true, fits: single('i'), run: invertFree },
  {
    keys: ['W'],
    does: 'Mark the weakest 30 %',
    group: 'Repaint',
    isSingle: true,
    fits: single('w'),
    run: (desk) => void markWeakest(desk, 0.3),
  },
  {
    keys: ['Shift', 'Del'],
    does: 'Clear boxes and marks',
    group: 'Repaint',
    isSingle: true,
    fits: (event, mod) => !mod && event.shiftKey && event.key === 'Delete',
    run: clearAll,
  },
  {
    keys: ['Shift', 'Enter'],
    does: 'Keep the result',
    group: 'Repaint',
    isSingle: true,
    fits: (event, mod) => !mod && event.shiftKey && event.key === 'Enter',
    run: (desk) => (keepStaged(desk) ? undefined : false),
  },
  {
    keys: ['Enter'],
    does: 'On the picture: keep the result',
    group: 'Repaint',
    isSingle: true,
    fits: onStage((event, mod) => !mod && !event.shiftKey && event.key === 'Enter'),
    run: enter,
  },
  ...directions.map((to) => extension(to)),
  {
    keys: ['\\'],
    does: 'Hold: the picture before',
    group: 'Repaint',
    isSingle: true,
    fits: (event, mod) => !mod && event.key === '\\',
    run: (desk) => (compareWith(desk, 'held') ? undefined : false),
  },
  {
    keys: ['C'],
    does: 'Compare side by side',
    group: 'Repaint',
    isSingle: true,
    fits: single('c'),
    run: (desk) => (toggleSlider(desk) ? undefined : false),
  },
  {
    keys: ['<'],
    does: 'Result before',
    group: 'Repaint',
    isSingle: true,
    fits: (event, mod) => !mod && event.key === '<',
    run: (desk) => walkStaged(desk, -1),
  },
  {
    keys: ['>'],
    does: 'Next result',
    group: 'Repaint',
    isSingle: true,
    fits: (event, mod) => !mod && event.key === '>',
    run: (desk) => walkStaged(desk, 1),
  },
  {
    keys: ['Shift', 'Mod', 'Z'],
    does: 'Redo',
    group: 'Repaint',
    isSingle: false,
    fits: (event, mod) =>
      mod &&
      ((event.shiftKey && event.key.toLowerCase() === 'z') || (!event.shiftKey && event.key.toLowerCase() === 'y')),
    run: (desk) => (redoEdit(desk) ? undefined : false),
  },
];

/** Undo what was done last: while the notice of a deleted picture is seen, that; else the last change of the sheet. */
export function undoLast(desk: Desk): void | false {
  const { notice, trash } = desk.store.getState();
  const isDeletion = trash.length > 0 && notice?.action === 'undo';
  if (!isDeletion && undoEdit(desk)) return undefined;
  return trash.length > 0 ? void undoDelete(desk) : false;
}

function extension(to: Direction): Shortcut {
  const arrow = { left: 'ArrowLeft', right: 'ArrowRight', up: 'ArrowUp', down: 'ArrowDown' }[to];
  return {
    keys: ['Shift', { left: '←', right: '→', up: '↑', down: '↓' }[to]],
    does: `On the picture: extend it ${to}`,
    group: 'Repaint',
    isSingle: true,
    fits: onStage((event, mod) => !mod && event.shiftKey && !event.altKey && event.key === arrow),
    run: (desk) => void extendPicture(desk, to),
  };
}

function bracket(code: string): Fits {
  return (event, mod) => !mod && event.code === code;
}

/** The held key for the picture before was let go. */
export function listenToRelease(desk: Desk): () => void {
  const release = (event: KeyboardEvent): void => {
    if (event.key === '\\' && desk.store.getState().compare === 'held') desk.store.getState().setCompare('off');
  };
  document.addEventListener('keyup', release);
  return () => document.removeEventListener('keyup', release);
}
