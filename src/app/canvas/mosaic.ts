import { MASK } from '../../core/grid.ts';
import type { Atlas } from './atlas.ts';
import { tokenColour } from './colours.ts';
import { sureness, type NearStep, type ReelStep } from './reel.ts';
import { layCells, type Cell, type Scene, type StageColours } from './scene.ts';

const APPEAR_MS = 140;
const RING_MS = 400;
const STAGGER_MS = 90;
const GUESS_ALPHA = 0.42;

/** Masked, guessed, fixed and newly fixed tokens, told apart by pattern, strength and ring. */
export function drawMosaic(ctx: CanvasRenderingContext2D, scene: Scene, cells: readonly Cell[], frame: number): void {
  const { reel } = scene;
  const steps = { now: reel?.done[frame - 1], before: reel?.done[frame - 2] };
  const sure = reel && steps.now ? sureness(reel, frame) : undefined;
  // Under the fading picture the last step lies still.
  const ageMs = frame === scene.frame ? scene.shownForMs : Infinity;
  const { near } = steps.now ?? {};
  for (const cell of cells) {
    const life = lifeOf(steps, cell.p);
    drawCell(ctx, scene, cell, life, life.isNew ? ageMs - STAGGER_MS * (1 - (sure?.[cell.p] ?? 0)) : Infinity);
  }
  if (near) drawNear(ctx, scene, cells, near, steps.before?.near, ageMs);
}

/** What is painted in a close-up, in its own tokens, which are smaller than the picture's. */
function drawNear(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  cells: readonly Cell[],
  near: NearStep,
  last: NearStep | undefined,
  ageMs: number,
): void {
  const { rows, cols } = near.grid;
  const [high, wide] = [scene.box.height / scene.reel!.grid.rows, scene.box.width / scene.reel!.grid.cols];
  const box = {
    x: scene.box.x + near.at.col * wide,
    y: scene.box.y + near.at.row * high,
    width: near.at.width * wide,
    height: near.at.height * high,
  };
  ctx.save();
  ctx.beginPath();
  for (const { p, x, y, w, h } of cells) if (near.mask[p] === 1) ctx.rect(x, y, w, h);
  ctx.clip();
  // A part before this one had a close-up of its own.
  const isSame =
    last !== undefined && (['row', 'col', 'width'] as const).every((name) => last.at[name] === near.at[name]);
  const steps = { now: near, before: isSame ? last : undefined };
  for (const cell of layCells(rows, cols, box)) {
    if (near.open[cell.p] !== 1) continue;
    const life = lifeOf(steps, cell.p);
    const sure = Math.exp(Math.min(0, near.logProb[cell.p]!));
    drawCell(ctx, scene, cell, life, life.isNew ? ageMs - STAGGER_MS * (1 - sure) : Infinity);
  }
  ctx.restore();
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
