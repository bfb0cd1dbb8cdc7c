import type { Capabilities } from '../program/capabilities.ts';

/** The overrides of shaders/lib/productTile.wgsl: a tile has 4 · threadRows rows and 8 · threadCols columns. */
export interface ProductTile {
  readonly threadRows: number;
  readonly threadCols: number;
}

/** With fewer terms or columns most of a tile would be empty. */
const LEAST_TERMS = 16;
const LEAST_COLUMNS = 32;
/** A large tile loads less for each product, but needs this many workgroups for every core of a GPU to have some. */
const LARGE_TILE_WORKGROUPS = 256;

/** Whether a product goes through workgroup memory: on hardware, where its columns come in fours and fill a tile. */
export function fitsTile({ isFallback }: Capabilities, terms: number, columns: number): boolean {
  return !isFallback && columns % 4 === 0 && columns >= LEAST_COLUMNS && terms >= LEAST_TERMS;
}

/** The tile for a product of rows × columns: 64 × 32 for few columns, else 32 × 64, or 64 × 64 where there are enough. */
export function tileFor(rows: number, columns: number): ProductTile {
  if (columns <= 32) return { threadRows: 16, threadCols: 4 };
  const isLarge = Math.ceil(rows / 64) * Math.ceil(columns / 64) >= LARGE_TILE_WORKGROUPS;
  return { threadRows: isLarge ? 16 : 8, threadCols: 8 };
}
