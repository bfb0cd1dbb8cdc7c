import type { Motion, Theme } from '../store/page.ts';
import type { Studio, StudioStore } from '../store/studio.ts';

const KEY = 'unmask.preferences';

interface Preferences {
  readonly theme: Theme;
  readonly motion: Motion;
  readonly singleKeys: boolean;
  readonly recents: readonly number[];
  readonly classId: number;
  readonly count: number;
  readonly model: string | undefined;
}

/** Take over what this browser remembers; anything unreadable or out of range is left at its default. */
export function readPreferences(store: StudioStore): void {
  let saved: Partial<Record<keyof Preferences, unknown>> = {};
  try {
    const text = localStorage.getItem(KEY);
    saved = (text ? (JSON.parse(text) as typeof saved) : {}) ?? {};
  } catch {
    return; // storage is forbidden or the text is junk
  }
  const { prefer, change } = store.getState();
  if (saved.theme === 'light' || saved.theme === 'dark') prefer({ theme: saved.theme });
  if (saved.motion === 'full' || saved.motion === 'reduced') prefer({ motion: saved.motion });
  if (saved.singleKeys === false) prefer({ singleKeys: false });
  if (isShortText(saved.model)) store.getState().chooseModel(saved.model);
  const isIndex = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
  if (Array.isArray(saved.recents)) store.setState({ recents: saved.recents.filter(isIndex).slice(0, 6) });
  if (isIndex(saved.classId)) change({ classId: saved.classId });
  if (isIndex(saved.count) && saved.count >= 1 && saved.count <= 9) change({ count: saved.count });
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length < 200;
}

/** Remember the visitor's choices whenever they change. */
export function keepPreferences(store: StudioStore): () => void {
  let last = '';
  return store.subscribe((studio) => {
    const text = JSON.stringify(preferencesOf(studio));
    if (text === last) return;
    last = text;
    try {
      localStorage.setItem(KEY, text);
    } catch {
      // Without storage the choices hold until the page is closed.
    }
  });
}

function preferencesOf({ theme, motion, singleKeys, recents, wish, chosenRef }: Studio): Preferences {
  return { theme, motion, singleKeys, recents, classId: wish.classId, count: wish.count, model: chosenRef };
}
