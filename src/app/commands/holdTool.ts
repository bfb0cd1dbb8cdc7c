import type { Tool } from '../store/editing.ts';
import type { Desk } from './desk.ts';
import { takeTool } from './staging.ts';

/** A key that is down for longer than this lends its tool only while it is down. */
const HOLD_MS = 350;

let held: { readonly key: string; readonly before: Tool; readonly sinceMs: number } | undefined;

/** A tool's key went down: the tool is taken, for good or until the key is let go. */
export function pressTool(desk: Desk, tool: Tool, key: string): void {
  if (held?.key === key) return; // the key repeats
  held = { key, before: desk.store.getState().tool, sinceMs: performance.now() };
  takeTool(desk, tool);
}

/** Gives a lent tool back when its key is let go. Returns how to end it. */
export function listenToHeldTools(desk: Desk): () => void {
  const end = new AbortController();
  const { signal } = end;
  const release = ({ key }: KeyboardEvent): void => {
    if (!held || key.toLowerCase() !== held.key) return;
    const { before, sinceMs } = held;
    held = undefined;
    // A box that is just being drawn is drawn to its end: only the tool changes.
    if (performance.now() - sinceMs >= HOLD_MS) desk.store.setState({ tool: before });
  };
  document.addEventListener('keyup', release, { signal });
  window.addEventListener('blur', () => (held = undefined), { signal });
  return () => end.abort();
}
