import type { Grid } from '../../core/grid.ts';
import type { Box as CellBox } from '../../core/mask.ts';
import { surenessColour } from './colours.ts';
import { drawMosaic } from './mosaic.ts';
import { sureness, type PictureSource, type Reel } from './reel.ts';
import { layCells, type Cell, type Scene } from './scene.ts';
import type { Box } from './viewport.ts';

/** After this time a frame stands still. */
export const SETTLE_MS = 520;
const CROSSFADE_MS = 200;
const AROUND_ALPHA = 0.4;

export function drawStage(ctx: CanvasRenderingContext2D, scene: Scene): void {
  ctx.clearRect(0, 0, ctx.canvas.width, ctx.canvas.height);
  const { reel, frame, shownForMs } = scene;
  const grid = reel?.grid ?? { rows: 8, cols: 8 };
  const cells = layCells(grid.rows, grid.cols, scene.box).filter(({ p }) => (reel?.under?.open[p] ?? 1) === 1);
  drawAround(ctx, scene);
  const isPicture = reel !== undefined && frame > reel.done.length && reel.picture !== undefined;
  const fade = isPicture ? Math.min(1, shownForMs / CROSSFADE_MS) : 0;
  if (fade < 1 && reel?.under) drawPicture(ctx, scene, reel.under.picture, 1, reel.under.at);
  if (fade < 1) drawMosaic(ctx, scene, cells, isPicture ? reel.done.length : frame);
  if (isPicture) drawPicture(ctx, scene, reel.picture!, fade);
  if (scene.overlay === 'sureness' && reel) drawSureness(ctx, reel, frame, cells);
  if (scene.gridShown) drawGrid(ctx, cells, scene);
}

function drawPicture(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  picture: PictureSource,
  alpha: number,
  at?: CellBox,
): void {
  const { x, y, width, height } = at && scene.reel ? partOf(scene.box, scene.reel.grid, at) : scene.box;
  ctx.globalAlpha = alpha;
  ctx.imageSmoothingEnabled = !scene.isPixelArt || scene.reel?.around !== undefined;
  ctx.drawImage(picture.image, x, y, width, height);
  ctx.globalAlpha = 1;
}

/** The larger picture around the window, dimmed: it is no part of the edit. */
function drawAround(ctx: CanvasRenderingContext2D, { reel, box }: Scene): void {
  if (!reel?.around) return;
  const { x, y, width } = box;
  const { image, frame } = reel.around;
  const scale = width / frame.side;
  ctx.globalAlpha = AROUND_ALPHA;
  ctx.imageSmoothingEnabled = true;
  ctx.drawImage(image, x - frame.left * scale, y - frame.top * scale, frame.width * scale, frame.height * scale);
  ctx.globalAlpha = 1;
}

/** Where some of the cells lie, on whole device pixels. */
function partOf({ x, y, width, height }: Box, { rows, cols }: Grid, at: CellBox): Box {
  const left = Math.round(x + (at.col * width) / cols);
  const top = Math.round(y + (at.row * height) / rows);
  return {
    x: left,
    y: top,
    width: Math.round(x + ((at.col + at.width) * width) / cols) - left,
    height: Math.round(y + ((at.row + at.height) * height) / rows) - top,
  };
}

function drawSureness(ctx: CanvasRenderingContext2D, reel: Reel, frame: number, cells: readonly Cell[]): void {
  const sure = sureness(reel, frame);
  for (const { p, x, y, w, h } of cells) {
    const probability = sure[p] ?? NaN;
    if (Number.isNaN(probability)) continue;
    ctx.fillStyle = surenessColour(probability, 0.82);
    ctx.fillRect(x, y, w, h);
  }
}

function drawGrid(ctx: CanvasRenderingContext2D, cells: readonly Cell[], { colours, pixelRatio }: Scene): void {
  ctx.strokeStyle = colours.grid;
  ctx.lineWidth = pixelRatio;
  for (const { x, y, w, h } of cells) ctx.strokeRect(x, y, w, h);
}
