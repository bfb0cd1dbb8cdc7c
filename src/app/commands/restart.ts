import { sheetOf } from '../store/editing.ts';
import type { Studio } from '../store/studio.ts';
import type { Desk } from './desk.ts';
import { isEditing } from './edit.ts';
import { generate } from './generate.ts';

/** A change waits this long for the next one before the run begins anew. */
const RESTART_MS = 120;

/**
 * Newest wins: what is changed of a run while it goes on, its class, its seed or its boxes, begins it anew with the
 * change. Returns how to end it.
 */
export function restartOnChange(desk: Desk): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const unsubscribe = desk.store.subscribe((now, before) => {
    if (now.job.kind !== 'running') return clearTimeout(timer);
    if (before.job.kind !== 'running' || !isChanged(desk, now, before)) return;
    clearTimeout(timer);
    timer = setTimeout(() => begin(desk), RESTART_MS);
  });
  return () => (unsubscribe(), clearTimeout(timer));
}

function begin(desk: Desk): void {
  // Without anything left to repaint there is nothing to begin: what ran is dropped, as by a newer press.
  if (desk.painting?.origin?.extended || !desk.painting?.origin || isEditing(sheetOf(desk.store.getState()))) {
    return void generate(desk, desk.plan);
  }
  desk.stop?.abort();
  delete desk.stop;
}

function isChanged({ painting }: Desk, now: Studio, before: Studio): boolean {
  if (now.wish.seed !== before.wish.seed && now.wish.seedLocked) return true;
  const origin = painting?.origin;
  // Boxes on a picture have classes of their own; everything else is painted as the chosen one.
  const isEdit = origin?.baseId !== undefined && origin.extended === undefined;
  if (!isEdit && now.wish.classId !== before.wish.classId) return true;
  return origin !== undefined && origin.extended === undefined && drawn(now) !== drawn(before);
}

function drawn(studio: Studio): string {
  const { boxes, free, pinned, banned } = sheetOf(studio);
  return JSON.stringify([boxes, free && [...free], pinned && [...pinned], banned]);
}

/** Whether boxes may be drawn and moved: while nothing runs, and during an edit, which then begins anew. */
export function canDraw({ store, painting }: Pick<Desk, 'store' | 'painting'>): boolean {
  if (store.getState().job.kind !== 'running') return true;
  return painting?.origin !== undefined && painting.origin.extended === undefined;
}

/** Says why nothing is drawn, to who tries with a tool in hand. */
export function refuseToDraw({ store }: Pick<Desk, 'store'>): void {
  const { tool, notify } = store.getState();
  if (tool !== 'view') notify('A new picture is being painted; it can be worked on once it is there.');
}
