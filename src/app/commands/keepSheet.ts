import { positionCount } from '../../core/grid.ts';
import { sheetOf, type Sheet } from '../store/editing.ts';
import { current, startHistory } from '../store/history.ts';
import { modelGrid } from '../store/grids.ts';
import type { Studio } from '../store/studio.ts';
import { onShow } from './base.ts';
import type { Desk } from './desk.ts';
import { isEditing } from './edit.ts';
import { openResult } from './results.ts';
import type { KeptSheet } from './sheetShelf.ts';

/** The sheet is written this long after its last change. */
const WRITE_MS = 300;
/** A past longer than this is not taken along. */
const MOST_VERSIONS = 500;

/** Writes the sheet whenever it changes, and at once when the page goes away. Returns how to end it. */
export function keepSheet(desk: Desk): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const { manifest } = desk.store.getState();
    // Until the sheet of this model was read there is nothing to write.
    if (!manifest || desk.sheetRead !== manifest.id) return;
    void desk.sheets?.write(manifest.id, toKeep(desk.store.getState())).catch(() => undefined);
  };
  const unsubscribe = desk.store.subscribe((now, before) => {
    if (now.history === before.history && now.staged === before.staged && now.stagedAt === before.stagedAt) return;
    clearTimeout(timer);
    timer = setTimeout(write, WRITE_MS);
  });
  const hide = (): void => void (timer !== undefined && write());
  document.addEventListener('visibilitychange', hide);
  return () => (unsubscribe(), clearTimeout(timer), document.removeEventListener('visibilitychange', hide));
}

function toKeep({ history, staged, stagedAt, lastBoxId }: Studio): KeptSheet {
  const short = history.versions.length > MOST_VERSIONS ? startHistory(current(history)) : history;
  return { version: 1, history: short, staged, stagedAt, lastBoxId };
}

/**
 * Take up the sheet of this model where it was left, with its results that are not decided on. True when it says what
 * is on the stage; boxes on a picture that is gone come back over whatever is shown instead.
 */
export async function restoreSheet(desk: Desk): Promise<boolean> {
  const { store } = desk;
  const modelId = store.getState().manifest?.id ?? '';
  const kept = await desk.sheets?.read(modelId).catch(() => undefined);
  if (store.getState().manifest?.id !== modelId) return true; // another model was chosen meanwhile
  desk.sheetRead = modelId;
  if (!kept || store.getState().history.at > 0 || !isSound(kept, store.getState())) return false;
  const sheet = current(kept.history);
  const { lastBoxId } = kept;
  const isKnown = knownIn(store.getState());
  if (sheet.baseId !== undefined && !isKnown(sheet.baseId)) {
    const boxes: Sheet = { ...sheetOf(store.getState()), boxes: sheet.boxes, free: sheet.free };
    store.setState({ history: startHistory(boxes), lastBoxId });
    return false;
  }
  const staged = kept.staged.filter(isKnown);
  const stagedAt = staged.indexOf(kept.staged[kept.stagedAt] ?? '');
  store.setState({ history: kept.history, staged, stagedAt, lastBoxId });
  const id = onShow(store.getState());
  if (id !== undefined) await openResult(desk, id);
  return id !== undefined || isEditing(sheet);
}

function knownIn({ results }: Studio): (id: string) => boolean {
  return (id) => results.some((result) => result.id === id);
}

/** Whether what was read is a sheet of this version, on a grid that is still there; anything else is left alone. */
function isSound({ version, history, staged, lastBoxId }: KeptSheet, studio: Studio): boolean {
  const sheet = history?.versions?.[history.at]?.value;
  if (version !== 1 || !Array.isArray(staged) || !Number.isInteger(lastBoxId)) return false;
  if (!Array.isArray(sheet?.boxes) || !Array.isArray(sheet.banned)) return false;
  const count = positionCount(studio.grids[sheet.baseId ?? ''] ?? modelGrid(studio));
  return [sheet.free, sheet.pinned].every((mask) => mask === undefined || mask.length === count);
}
