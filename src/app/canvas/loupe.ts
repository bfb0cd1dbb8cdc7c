import type { Grid } from '../../core/grid.ts';
import type { Box as CellBox } from '../../core/mask.ts';
import type { Box } from './viewport.ts';

/** Side of the loupe, how much it enlarges, and how far above the finger its middle is; CSS pixels. */
const SIDE = 116;
const ZOOM = 1.8;
const ABOVE = 92;

/** What the loupe shows: a point of the layer, the stage's canvas under it, and the box in the making. */
export interface UnderFinger {
  readonly x: number;
  readonly y: number;
  readonly stage: HTMLElement;
  readonly picture: Box;
  readonly grid: Grid;
  readonly box: CellBox | undefined;
}

/**
 * Where the middle of the loupe is for a finger at (x, y): above it, or beside it where the picture ends.
 * All numbers are CSS pixels from the layer's corner; the loupe may stand out of the layer to the top by half its side.
 */
export function loupePlace(x: number, y: number, width: number): { readonly x: number; readonly y: number } {
  const half = SIDE / 2;
  if (y - ABOVE >= 0) return { x: Math.max(half, Math.min(width - half, x)), y: y - ABOVE };
  return { x: x < width / 2 ? x + ABOVE : x - ABOVE, y: Math.max(half - 8, y) };
}

function loupeOf(layer: Element): HTMLCanvasElement | null | undefined {
  return layer.parentElement?.querySelector<HTMLCanvasElement>('[data-loupe]');
}

/** Show, enlarged, what lies under a finger that drags on a layer. */
export function showLoupe(layer: Element, { x, y, stage, picture, grid, box }: UnderFinger): void {
  const loupe = loupeOf(layer);
  const ctx = loupe?.getContext('2d');
  if (!loupe || !ctx || !(stage instanceof HTMLCanvasElement)) return;
  const ratio = stage.width / Math.max(1, stage.clientWidth);
  loupe.hidden = false;
  loupe.width = loupe.height = Math.round(SIDE * ratio);
  const at = loupePlace(x, y, stage.clientWidth);
  Object.assign(loupe.style, { left: `${at.x - SIDE / 2}px`, top: `${at.y - SIDE / 2}px` });
  // From here on in CSS pixels of the layer.
  const scale = ratio * ZOOM;
  ctx.setTransform(scale, 0, 0, scale, loupe.width / 2 - x * scale, loupe.height / 2 - y * scale);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(stage, 0, 0, stage.clientWidth, stage.clientHeight);
  drawCells(ctx, picture, grid);
  if (box) drawBox(ctx, picture, grid, box);
}

export function hideLoupe(layer: Element): void {
  const loupe = loupeOf(layer);
  if (loupe) loupe.hidden = true;
}

function drawCells(ctx: CanvasRenderingContext2D, picture: Box, { rows, cols }: Grid): void {
  ctx.beginPath();
  for (let col = 0; col <= cols; col++) {
    const x = picture.x + (col * picture.width) / cols;
    ctx.moveTo(x, picture.y);
    ctx.lineTo(x, picture.y + picture.height);
  }
  for (let row = 0; row <= rows; row++) {
    const y = picture.y + (row * picture.height) / rows;
    ctx.moveTo(picture.x, y);
    ctx.lineTo(picture.x + picture.width, y);
  }
  ctx.lineWidth = 0.5;
  ctx.strokeStyle = 'rgb(255 255 255 / 0.35)';
  ctx.stroke();
}

function drawBox(ctx: CanvasRenderingContext2D, picture: Box, { rows, cols }: Grid, box: CellBox): void {
  const [wide, high] = [picture.width / cols, picture.height / rows];
  const place = [picture.x + box.col * wide, picture.y + box.row * high, box.width * wide, box.height * high] as const;
  for (const [width, colour] of [
    [3, '#000'],
    [1.5, '#fff'],
  ] as const) {
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.strokeRect(...place);
  }
}
