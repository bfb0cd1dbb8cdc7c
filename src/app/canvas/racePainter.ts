import type { LaneKind } from '../../wire/race.ts';
import { isMotionReduced } from '../commands/motion.ts';
import type { Race } from '../commands/race.ts';
import { frameOf } from '../store/race.ts';
import { drawStage, SETTLE_MS } from './drawStage.ts';
import type { Scene } from './scene.ts';
import type { Reel } from './reel.ts';
import { fitted, pictureBox } from './viewport.ts';
import { shownClock, wokenCanvas } from './wokenCanvas.ts';

/** Keeps a canvas showing one lane of a race, as the stage shows a run. Returns how to end it. */
export function startRacePainter(race: Race, kind: LaneKind, canvas: HTMLCanvasElement): () => void {
  const { desk, store } = race;
  const shownFor = shownClock();
  const woken = wokenCanvas(canvas, (ctx, colours, nowMs) => {
    const lane = laneOf(race, kind);
    const age = shownFor(`${lane.reel.id} ${lane.frame}`, nowMs);
    const shownForMs = isMotionReduced(desk.store) ? Infinity : age;
    drawLane(ctx, race, { ...lane, shownForMs, colours });
    if (shownForMs < SETTLE_MS) woken?.wake();
  });
  if (!woken) return () => {};
  const unsubscribe = store.subscribe(woken.wake);
  return () => {
    unsubscribe();
    woken.end();
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
