import type { StudioStore } from '../store/studio.ts';

/** Whether things should move as little as possible: by the page's own switch, else by the system's. */
export function isMotionReduced(store: StudioStore): boolean {
  const { motion } = store.getState();
  if (motion !== 'system') return motion === 'reduced';
  return globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;
}
