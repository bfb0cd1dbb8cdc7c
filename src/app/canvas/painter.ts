import { advance } from '../commands/playback.ts';
import { isMotionReduced } from '../commands/motion.ts';
import type { Desk } from '../commands/desk.ts';
import { drawStage, SETTLE_MS, type StageColours } from './drawStage.ts';
import { pictureBox } from './viewport.ts';

/**
 * Keeps a canvas showing what the store says: draws on a change, moves the playhead while something plays, and
 * rests otherwise. Returns how to end it.
 */
export function startPainter(desk: Desk, canvas: HTMLCanvasElement): () => void {
  const { store } = desk;
  const ctx = canvas.getContext('2d');
  if (!ctx) return () => {};
  let shown = '';
  let shownAtMs = 0;
  let request = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let colours = readColours(canvas);

  const wake = (): void => {
    clearTimeout(timer);
    request ||= requestAnimationFrame(draw);
  };
  const draw = (nowMs: number): void => {
    request = 0;
    const { reelId, frame } = store.getState();
    const showing = `${reelId}:${frame}`;
    if (showing !== shown) {
      shown = showing;
      shownAtMs = nowMs;
    }
    const age = nowMs - shownAtMs;
    paint(desk, ctx, colours, isMotionReduced(store) ? Infinity : age);
    const nextMs = advance(store, age);
    if (age < SETTLE_MS && !isMotionReduced(store)) wake();
    else if (nextMs !== undefined) timer = setTimeout(wake, nextMs);
  };
  const resize = new ResizeObserver(() => {
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
    wake();
  });
  resize.observe(canvas);
  const unsubscribe = store.subscribe(wake);
  const stopThemes = onTheme(() => {
    colours = readColours(canvas);
    wake();
  });
  return () => {
    cancelAnimationFrame(request);
    clearTimeout(timer);
    resize.disconnect();
    unsubscribe();
    stopThemes();
  };
}

/** Tells of every change between light and dark, by the system or by the page's switch. */
export function onTheme(changed: () => void): () => void {
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', changed);
  const themed = new MutationObserver(changed);
  themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    scheme.removeEventListener('change', changed);
    themed.disconnect();
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

/** The stage's colours from the style sheet; probes resolve light-dark() to what holds now. */
export function readColours(canvas: HTMLCanvasElement): StageColours {
  const probe = canvas.ownerDocument.createElement('i');
  canvas.parentElement?.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    masked: read('--masked'),
    maskedLine: read('--masked-line'),
    accent: read('--ring'),
    grid: read('--grid-line'),
  };
  probe.remove();
  return colours;
}
