import type { StudioStore } from '../store/studio.ts';
import { shownGrid } from '../store/grids.ts';
import { panned, pictureBox, zoomed, type Box } from './viewport.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Wheel and pinch zoom about the pointer, a drag moves the zoomed picture. Returns how to end it. */
export function listenToGestures(store: StudioStore, canvas: HTMLCanvasElement): () => void {
  const pointers = new Map<number, Point>();
  const end = new AbortController();
  const { signal } = end;

  canvas.addEventListener('wheel', (event) => onWheel(store, canvas, event), { passive: false, signal });
  canvas.addEventListener('pointerdown', (event) => pointers.set(event.pointerId, at(event)), { signal });
  canvas.addEventListener(
    'pointermove',
    (event) => {
      const from = pointers.get(event.pointerId);
      if (!from) return;
      const to = at(event);
      if (!canvas.hasPointerCapture(event.pointerId)) canvas.setPointerCapture(event.pointerId);
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      pointers.set(event.pointerId, to);
      if (other) pinch(store, canvas, from, to, other);
      else drag(store, canvas, from, to);
    },
    { signal },
  );
  for (const name of ['pointerup', 'pointercancel'] as const) {
    canvas.addEventListener(name, (event) => pointers.delete(event.pointerId), { signal });
  }
  return () => end.abort();
}

export function onWheel(store: StudioStore, canvas: HTMLElement, event: WheelEvent): void {
  event.preventDefault();
  const { viewport, view } = store.getState();
  const { x, y } = inPicture(store, canvas, at(event));
  view({ viewport: zoomed(viewport, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), x, y) });
}

export function drag(store: StudioStore, canvas: HTMLElement, from: Point, to: Point): void {
  const { viewport, view } = store.getState();
  if (viewport.zoom === 1) return;
  const { width, height } = pictureOn(store, canvas);
  view({ viewport: panned(viewport, (to.x - from.x) / width, (to.y - from.y) / height) });
}

export function pinch(store: StudioStore, canvas: HTMLElement, from: Point, to: Point, other: Point): void {
  const { viewport, view } = store.getState();
  const before = Math.hypot(from.x - other.x, from.y - other.y);
  const after = Math.hypot(to.x - other.x, to.y - other.y);
  if (before < 8) return;
  const middle = inPicture(store, canvas, { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 });
  const { width, height } = pictureOn(store, canvas);
  const moved = panned(viewport, (to.x - from.x) / 2 / width, (to.y - from.y) / 2 / height);
  view({ viewport: zoomed(moved, after / before, middle.x, middle.y) });
}

/** A point of the page in fractions of the shown picture, from its centre. */
function inPicture(store: StudioStore, canvas: HTMLElement, { x, y }: Point): Point {
  const box = canvas.getBoundingClientRect();
  const picture = pictureOn(store, canvas);
  return {
    x: (x - box.left - picture.x) / picture.width - 0.5,
    y: (y - box.top - picture.y) / picture.height - 0.5,
  };
}

/** Where the picture lies in the canvas, in CSS pixels. */
function pictureOn({ getState }: StudioStore, canvas: HTMLElement): Box {
  const { rows, cols } = shownGrid(getState());
  return pictureBox(
    Math.max(1, canvas.clientWidth),
    Math.max(1, canvas.clientHeight),
    cols / rows,
    getState().viewport,
  );
}

function at({ clientX, clientY }: MouseEvent): Point {
  return { x: clientX, y: clientY };
}
