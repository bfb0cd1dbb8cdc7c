import { MASK, type Grid } from '../../core/grid.ts';
import type { Box as CellBox } from '../../core/mask.ts';
import type { Overlay } from '../store/stage.ts';
import type { Atlas } from './atlas.ts';
import { surenessColour, tokenColour } from './colours.ts';
import { sureness, type PictureSource, type Reel, type ReelStep } from './reel.ts';
import type { Box } from './viewport.ts';

/** Everything that one drawing of the stage depends on. Lengths are device pixels. */
export interface Scene {
  readonly reel: Reel | undefined;
  readonly frame: number;
  readonly atlas: Atlas | undefined;
  readonly box: Box;
  readonly isPixelArt: boolean;
  readonly overlay: Overlay;
  readonly gridShown: boolean;
  readonly guessShown: boolean;
  /** Since this frame came up, in ms; Infinity draws it settled. */
  readonly shownForMs: number;
  readonly colours: StageColours;
  readonly pixelRatio: number;
}

export interface StageColours {
  readonly masked: string;
  readonly maskedLine: string;
  readonly accent: string;
  readonly grid: string;
}

/** After this time a frame stands still. */
export const SETTLE_MS = 520;
const APPEAR_MS = 140;
const RING_MS = 400;
const STAGGER_MS = 90;
const CROSSFADE_MS = 200;
const GUESS_ALPHA = 0.42;
const AROUND_ALPHA = 0.4;

type Cell = { readonly p: number; readonly x: number; readonly y: number; readonly w: number; readonly h: number };

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

/** Cells on whole device pixels: neighbours share their edge, so no seam shows. */
function layCells(rows: number, cols: number, { x, y, width, height }: Box): Cell[] {
  return Array.from({ length: rows * cols }, (_, p) => {
    const row = Math.floor(p / cols);
    const col = p % cols;
    const left = Math.round(x + (col * width) / cols);
    const top = Math.round(y + (row * height) / rows);
    const right = Math.round(x + ((col + 1) * width) / cols);
    const bottom = Math.round(y + ((row + 1) * height) / rows);
    return { p, x: left, y: top, w: right - left, h: bottom - top };
  });
}

/** Masked, guessed, fixed and newly fixed tokens, told apart by pattern, strength and ring. */
function drawMosaic(ctx: CanvasRenderingContext2D, scene: Scene, cells: readonly Cell[], frame: number): void {
  const { reel } = scene;
  const steps = { now: reel?.done[frame - 1], before: reel?.done[frame - 2] };
  const sure = reel && steps.now ? sureness(reel, frame) : undefined;
  // Under the fading picture the last step lies still.
  const ageMs = frame === scene.frame ? scene.shownForMs : Infinity;
  for (const cell of cells) {
    const life = lifeOf(steps, cell.p);
    drawCell(ctx, scene, cell, life, life.isNew ? ageMs - STAGGER_MS * (1 - (sure?.[cell.p] ?? 0)) : Infinity);
  }
}

/** One position, `age` ms after it was fixed (negative: its turn in the stagger is still to come). */
function drawCell(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  cell: Cell,
  { token, was, guess, isNew }: Life,
  age: number,
) {
  const { atlas, colours, pixelRatio } = scene;
  const grown = Math.min(1, Math.max(0, age / APPEAR_MS));
  if (was !== MASK && grown < 1) drawTile(ctx, atlas, was, cell, 1);
  else if (token === MASK || grown < 1) {
    drawMasked(ctx, cell, colours, pixelRatio);
    if (scene.guessShown && guess !== MASK) drawTile(ctx, atlas, guess, cell, GUESS_ALPHA);
  }
  if (token !== MASK) drawTile(ctx, atlas, token, cell, grown, 0.86 + 0.14 * grown);
  if (isNew && age < RING_MS) drawRing(ctx, cell, scene, 1 - Math.max(0, age) / RING_MS);
}

/** A position at a step: its token if fixed, the one before it, the guess that shows while there is none, and whether it is fixed or changed just now. */
interface Life {
  readonly token: number;
  readonly was: number;
  readonly guess: number;
  readonly isNew: boolean;
}

function lifeOf({ now, before }: { now: ReelStep | undefined; before: ReelStep | undefined }, p: number): Life {
  const token = now?.tokens[p] ?? MASK;
  const was = before?.tokens[p] ?? MASK;
  const isNew = token !== MASK && was !== token;
  const guess = (isNew ? before : now)?.guess[p] ?? MASK;
  return { token, was, guess, isNew };
}

function drawMasked(ctx: CanvasRenderingContext2D, { x, y, w, h }: Cell, colours: StageColours, ratio: number): void {
  ctx.fillStyle = colours.masked;
  ctx.fillRect(x, y, w, h);
  ctx.strokeStyle = colours.maskedLine;
  ctx.lineWidth = ratio;
  ctx.strokeRect(x + ratio / 2, y + ratio / 2, w - ratio, h - ratio);
  // Three strokes of a hatch: "not known yet" without colour.
  ctx.beginPath();
  for (const at of [0.5, 1, 1.5]) {
    ctx.moveTo(x + w * Math.max(0, at - 1), y + h * Math.min(1, at));
    ctx.lineTo(x + w * Math.min(1, at), y + h * Math.max(0, at - 1));
  }
  ctx.stroke();
}

function drawTile(
  ctx: CanvasRenderingContext2D,
  atlas: Atlas | undefined,
  token: number,
  { x, y, w, h }: Cell,
  alpha: number,
  scale = 1,
): void {
  const insetX = Math.round((w * (1 - scale)) / 2);
  const insetY = Math.round((h * (1 - scale)) / 2);
  const at = [x + insetX, y + insetY, w - 2 * insetX, h - 2 * insetY] as const;
  ctx.globalAlpha = alpha;
  if (atlas && token < atlas.tiles) {
    const { image, tile, cols } = atlas;
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(image, (token % cols) * tile, Math.floor(token / cols) * tile, tile, tile, ...at);
  } else {
    ctx.fillStyle = tokenColour(token);
    ctx.fillRect(...at);
  }
  ctx.globalAlpha = 1;
}

function drawRing(ctx: CanvasRenderingContext2D, { x, y, w, h }: Cell, scene: Scene, alpha: number): void {
  const width = Math.max(2, Math.min(w, h) * 0.05);
  ctx.globalAlpha = Math.min(1, alpha);
  ctx.strokeStyle = scene.colours.accent;
  ctx.lineWidth = width;
  ctx.strokeRect(x + width / 2, y + width / 2, w - width, h - width);
  ctx.globalAlpha = 1;
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
