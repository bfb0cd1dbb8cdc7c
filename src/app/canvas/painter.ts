import { advance } from '../commands/playback.ts';
import { isMotionReduced } from '../commands/motion.ts';
import type { Desk } from '../commands/desk.ts';
import { drawStage, SETTLE_MS } from './drawStage.ts';
import type { StageColours } from './scene.ts';
import { pictureBox } from './viewport.ts';
import { shownClock, wokenCanvas } from './wokenCanvas.ts';

/**
 * Keeps a canvas showing what the store says: draws on a change, moves the playhead while something plays, and
 * rests otherwise. Returns how to end it.
 */
export function startPainter(desk: Desk, canvas: HTMLCanvasElement): () => void {
  const { store } = desk;
  const shownFor = shownClock();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const woken = wokenCanvas(canvas, (ctx, colours, nowMs) => {
    clearTimeout(timer);
    const { reelId, frame } = store.getState();
    const age = shownFor(`${reelId}:${frame}`, nowMs);
    paint(desk, ctx, colours, isMotionReduced(store) ? Infinity : age);
    const nextMs = advance(store, age);
    if (age < SETTLE_MS && !isMotionReduced(store)) woken?.wake();
    else if (nextMs !== undefined) timer = setTimeout(() => woken?.wake(), nextMs);
  });
  if (!woken) return () => {};
  const unsubscribe = store.subscribe(woken.wake);
  return () => {
    clearTimeout(timer);
    unsubscribe();
    woken.end();
  };
}

function paint(desk: Desk, ctx: CanvasRenderingContext2D, colours: StageColours, shownForMs: number): void {
  const { reelId, frame, overlay, gridShown, guessShown, viewport, manifest } = desk.store.getState();
  const { width, height } = ctx.canvas;
  const reel = reelId === undefined ? undefined : desk.reels.get(reelId);
  const { rows, cols } = reel?.grid ?? { rows: 8, cols: 8 };
  drawStage(ctx, {
    reel,
    frame,
    atlas: desk.atlas,
    box: pictureBox(width, height, cols / rows, viewport),
    isPixelArt: manifest?.config.image.pixelArt ?? true,
    overlay,
    gridShown,
    guessShown,
    shownForMs,
    colours,
    pixelRatio: Math.max(1, Math.round(devicePixelRatio)),
  });
}
