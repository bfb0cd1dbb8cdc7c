import { weakestPositions } from '../../core/boxes.ts';
import { onShow, surenessOf } from './base.ts';
import type { Desk } from './desk.ts';

/**
 * Keeps the mask of a brush that bites only where the model was unsure: anew for every picture, and whenever the share
 * changes. Returns how to end it.
 */
export function followBite(desk: Desk): () => void {
  const { store } = desk;
  let aim = '';
  return store.subscribe((now) => {
    const id = now.bite > 0 && now.job.kind === 'idle' ? onShow(now) : undefined;
    const next = id === undefined ? '' : `${id} ${now.bite}`;
    if (next === aim || now.job.kind !== 'idle') return;
    aim = next;
    if (id === undefined) return store.getState().touchUp({ biteMask: undefined });
    void surenessOf(desk, id).then((sure) => {
      if (aim === next) store.getState().touchUp({ biteMask: weakestPositions(sure, now.bite) });
    });
  });
}
