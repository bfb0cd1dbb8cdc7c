import type { LaneKind } from '../../wire/race.ts';
import { isMotionReduced } from '../commands/motion.ts';
import type { Race } from '../commands/race.ts';
import { frameOf } from '../store/race.ts';
import { drawStage, SETTLE_MS, type Scene } from './drawStage.ts';
import { onTheme, readColours } from './painter.ts';
import type { Reel } from './reel.ts';
import { fitted, pictureBox } from './viewport.ts';

/** Keeps a canvas showing one lane of a race, as the stage shows a run. Returns how to end it. */
export function startRacePainter(race: Race, kind: LaneKind, canvas: HTMLCanvasElement): () => void {
  const { desk, store } = race;
  const ctx = canvas.getContext('2d');
  if (!ctx) return () => {};
  let shown = '';
  let shownAtMs = 0;
  let request = 0;
  let colours = readColours(canvas);
  const wake = (): void => {
    request ||= requestAnimationFrame(draw);
  };
  const draw = (nowMs: number): void => {
    request = 0;
    const lane = laneOf(race, kind);
    const showing = `${lane.reel.id} ${lane.frame}`;
    if (showing !== shown) {
      shown = showing;
      shownAtMs = nowMs;
    }
    const shownForMs = isMotionReduced(desk.store) ? Infinity : nowMs - shownAtMs;
    drawLane(ctx, race, { ...lane, shownForMs, colours });
    if (shownForMs < SETTLE_MS) wake();
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
    resize.disconnect();
    unsubscribe();
    stopThemes();
  };
}

/** What a lane shows now; before its run, a grid of which nothing is known. */
function laneOf({ store, reels, desk }: Race, kind: LaneKind): Pick<Scene, 'frame'> & { readonly reel: Reel } {
  const state = store.getState();
  const lane = state.lanes.find((one) => one.kind === kind);
  const grid = desk.store.getState().manifest?.config.grid ?? { rows: 8, cols: 8 };
  const reel = reels.get(kind) ?? { id: '', classId: 0, seed: 0, grid, steps: 0, done: [] };
  return { reel, frame: lane ? frameOf(state, lane) : 0 };
}

function drawLane(
  ctx: CanvasRenderingContext2D,
  { desk }: Race,
  lane: Pick<Scene, 'frame' | 'shownForMs' | 'colours'> & { readonly reel: Reel },
): void {
  const { width, height } = ctx.canvas;
  const { rows, cols } = lane.reel.grid;
  drawStage(ctx, {
    ...lane,
    atlas: desk.atlas,
    box: pictureBox(width, height, cols / rows, fitted),
    isPixelArt: desk.store.getState().manifest?.config.image.pixelArt ?? true,
    overlay: 'none',
    gridShown: false,
    guessShown: true,
    pixelRatio: Math.max(1, Math.round(devicePixelRatio)),
  });
}
