import { openBoxMenu } from '../commands/boxMenu.ts';
import { findBox } from '../commands/boxes.ts';
import type { Desk } from '../commands/desk.ts';
import { DRAG_PIXELS } from './boxDrag.ts';

/** A finger rests this long before it has asked for a menu. */
const LONG_PRESS_MS = 500;

/**
 * The menu of a box: by the right button, and by a finger or pen that rests on it, which ends what that press had begun.
 * While cells are painted the right button erases, and there is no menu.
 */
export function listenToMenus(desk: Desk, layer: Element, cancel: () => void, signal: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let start = { x: 0, y: 0 };
  const isPainting = (): boolean => ['brush', 'eraser', 'token'].includes(desk.store.getState().tool);
  const rest = (event: PointerEvent): void => {
    const id = boxAt(event);
    clearTimeout(timer);
    start = { x: event.clientX, y: event.clientY };
    if (event.pointerType === 'mouse' || isPainting() || !findBox(desk, id)) return;
    timer = setTimeout(() => {
      cancel();
      openBoxMenu(desk, id, start.x, start.y);
    }, LONG_PRESS_MS);
  };
  const wander = ({ clientX, clientY }: PointerEvent): void => {
    if (Math.hypot(clientX - start.x, clientY - start.y) >= DRAG_PIXELS) clearTimeout(timer);
  };
  const listen = <K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void): void =>
    layer.addEventListener(name, act as EventListener, { signal });
  listen('pointerdown', rest);
  listen('pointermove', wander);
  listen('pointerup', () => clearTimeout(timer));
  listen('pointercancel', () => clearTimeout(timer));
  listen('contextmenu', (event) => {
    const isBox = findBox(desk, boxAt(event)) !== undefined;
    if (isBox || isPainting()) event.preventDefault();
    if (isBox && !isPainting()) openBoxMenu(desk, boxAt(event), event.clientX, event.clientY);
  });
  signal.addEventListener('abort', () => clearTimeout(timer));
}

/** Id of the box under an event; NaN where there is none. */
export function boxAt({ target }: Event): number {
  return Number((target as Element).closest('[data-box]')?.getAttribute('data-box') ?? NaN);
}
