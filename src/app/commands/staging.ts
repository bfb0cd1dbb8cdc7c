import { redoWords, undoWords } from '../store/history.ts';
import { className, type Desk } from './desk.ts';
import { gridOf } from './boxes.ts';
import { isEditing, planOnShow } from './edit.ts';
import { sheetOf, type Compare, type Tool } from '../store/editing.ts';

type Shop = Pick<Desk, 'store'>;

/** Choose what the pointer does; drawing begins on what is seen. */
export function takeTool({ store }: Shop, tool: Tool): void {
  const { chooseTool, touchUp, setTouring, setPlaying, playing, seek, job, announce } = store.getState();
  chooseTool(tool);
  touchUp({ look: undefined });
  setTouring(false);
  if (tool !== 'view' && job.kind === 'idle') {
    if (playing) setPlaying(false);
    seek(Infinity);
  }
  announce(toolWords[tool]);
}

const toolWords: Readonly<Record<Tool, string>> = {
  view: 'Look and move.',
  box: 'Box tool. Drag on the picture, or press Enter on it for a box in the middle.',
  brush: 'Brush. Drag over the cells to paint anew, or walk them by arrow keys and press Enter.',
  eraser: 'Eraser. Drag over marked cells, or walk them by arrow keys and press Enter.',
  token: 'Look at a token. Press one, or walk by arrow keys and press Enter.',
};

/** Show the result before or after the one on show; before the first is the picture itself. */
export function walkStaged({ store }: Shop, by: number): void {
  const { showStaged, stagedAt, announce } = store.getState();
  showStaged(stagedAt + by);
  const { stagedAt: at, staged } = store.getState();
  announce(at < 0 ? 'The picture before.' : `Result ${at + 1} of ${staged.length}.`);
}

/** The result on show becomes the picture. */
export function keepStaged({ store }: Shop): boolean {
  const { stagedAt, keepStaged: keep, announce } = store.getState();
  if (stagedAt < 0) return false;
  keep();
  announce('Kept. Undo brings the boxes back.');
  return true;
}

/** The result on show leaves the stage; it stays among the pictures. */
export function discardStaged({ store }: Shop): boolean {
  const { stagedAt, dropStaged, announce } = store.getState();
  if (stagedAt < 0) return false;
  dropStaged();
  const { staged } = store.getState();
  announce(staged.length > 0 ? `Discarded; ${staged.length} left.` : 'Discarded; the picture is as before.');
  return true;
}

/** Whether there is something to compare: a staged result of a picture. */
export function canCompare(studio: ReturnType<Desk['store']['getState']>): boolean {
  return studio.stagedAt >= 0 && sheetOf(studio).baseId !== undefined;
}

export function compareWith({ store }: Shop, compare: Compare): boolean {
  if (!canCompare(store.getState())) return false;
  store.getState().setCompare(compare);
  return true;
}

export function toggleSlider({ store }: Shop): boolean {
  return compareWith({ store }, store.getState().compare === 'slider' ? 'off' : 'slider');
}

/** Take back the last change of boxes, marks or picture; false when there is none. */
export function undoEdit({ store }: Shop): boolean {
  const { history, undoEdit: undo, announce } = store.getState();
  const does = undoWords(history);
  if (does === undefined) return false;
  undo();
  announce(`Undone: ${does}.`);
  return true;
}

export function redoEdit({ store }: Shop): boolean {
  const { history, redoEdit: redo, announce } = store.getState();
  const does = redoWords(history);
  if (does === undefined) return false;
  redo();
  announce(`Done again: ${does}.`);
  return true;
}

/** A canvas with nothing on it; boxes stay and become a layout. */
export function startBlank({ store }: Shop): void {
  const { job, clearStage, openBase, setTouring, announce } = store.getState();
  if (job.kind !== 'idle') return;
  setTouring(false);
  openBase(undefined);
  clearStage();
  announce('A blank canvas. Draw boxes to lay out a picture, or press Generate.');
}

/** What a press of Generate does, on its button. */
export function repaintWords(desk: Shop): string | undefined {
  const sheet = sheetOf(desk.store.getState());
  const { boxes, free, baseId } = sheet;
  if (!isEditing(sheet)) return undefined;
  if (baseId === undefined) return boxes.length > 0 ? 'Paint this layout' : undefined;
  if (free) return `Repaint ${cellsWords(desk)}`;
  const [only] = boxes;
  if (boxes.length > 1 || !only) return `Repaint ${boxes.length} boxes`;
  return only.classId === undefined ? 'Repaint the box' : `Repaint as ${className(desk, only.classId)}`;
}

/** How many cells boxes and marks paint together. */
function cellsWords(desk: Shop): string {
  const { mask } = planOnShow(sheetOf(desk.store.getState()), gridOf(desk), false);
  const cells = mask.reduce((sum, paint) => sum + paint, 0);
  return cells === 1 ? '1 cell' : `${cells} cells`;
}
