import type { Target } from '../program/capabilities.ts';
import type { Call, Product } from '../program/kernel.ts';
import type { Dtype } from '../program/tensor.ts';
import { fitsMatrix } from './linearMatrix.ts';

/** The overrides of shaders/lib/productTile.wgsl: a tile has 4 · threadRows rows and 8 · threadCols columns. */
export interface ProductTile {
  readonly threadRows: number;
  readonly threadCols: number;
}

/** What tuning chooses from, by name: rows × columns of a tile. */
export const productTiles = {
  '32 × 64': { threadRows: 8, threadCols: 8 },
  '64 × 32': { threadRows: 16, threadCols: 4 },
  '64 × 64': { threadRows: 16, threadCols: 8 },
  '128 × 32': { threadRows: 32, threadCols: 4 },
  '128 × 64': { threadRows: 32, threadCols: 8 },
} as const satisfies Readonly<Record<string, ProductTile>>;

/** How a product is computed: in registers without barriers, in a tile of this name, or by subgroup matrices. */
export type ProductVariant = 'registers' | keyof typeof productTiles | 'matrices';
export const productVariants = ['registers', ...Object.keys(productTiles), 'matrices'] as readonly ProductVariant[];

/** With fewer terms or columns most of a tile would be empty. */
const LEAST_TERMS = 16;
const LEAST_COLUMNS = 32;
/** A large tile loads less for each product, but needs this many workgroups for every core of a GPU to have some. */
const LARGE_TILE_WORKGROUPS = 256;

/** Name of all products of one kind, size and type of weights; what is tuned for one holds for all. */
export function productKey({ kind, rows, terms, columns }: Product, dtype: Dtype): string {
  return `${kind} ${rows} × ${terms} × ${columns} ${dtype}`;
}

/**
 * How to compute a product: as it was measured, where that fits, else by rule.
 *
 * @param slabTerms how many terms can fill a slab of the tile: in a convolution, the channels of one tap
 */
export function variantOf(target: Target, product: Product, dtype: Dtype, slabTerms = product.terms): ProductVariant {
  const measured = target.tuned?.[productKey(product, dtype)] ?? target.tuned?.['*'];
  const wanted = [measured, untuned(target, product, slabTerms)];
  return productVariants.find((each) => each === wanted.find((w) => fits(target, product, w))) ?? 'registers';
}

/**
 * Without a measurement: software adapters never pay for barriers (decision 12); hardware takes 64 × 32 for few columns,
 * else 32 × 64, or 64 × 64 where there are enough.
 */
function untuned({ isFallback }: Target, { rows, columns }: Product, slabTerms: number): ProductVariant {
  if (isFallback || columns < LEAST_COLUMNS || slabTerms < LEAST_TERMS) return 'registers';
  if (columns === LEAST_COLUMNS) return '64 × 32';
  const isLarge = Math.ceil(rows / 64) * Math.ceil(columns / 64) >= LARGE_TILE_WORKGROUPS;
  return isLarge ? '64 × 64' : '32 × 64';
}

/** Whether a variant is there for the product, and the device has the threads and the workgroup memory that it takes. */
function fits(target: Target, { kind, columns }: Product, variant: string | undefined): boolean {
  if (variant === 'registers') return true;
  if (columns % 4 !== 0) return false;
  if (variant === 'matrices') return kind === 'linear' && fitsMatrix(target);
  const tile = isTile(variant) && productTiles[variant];
  if (!tile) return false;
  const { threadRows, threadCols } = tile;
  const slab = 2 * threadCols;
  const bytes = 16 * slab * (threadRows + 1 + 2 * threadCols); // as in lib/productTile.wgsl
  return threadRows * threadCols <= target.maxInvocationsPerWorkgroup && bytes <= target.maxWorkgroupStorageBytes;
}

function isTile(variant: string | undefined): variant is keyof typeof productTiles {
  return variant !== undefined && Object.hasOwn(productTiles, variant);
}

/** A call's product as tuning names it, and how it is computed. */
export interface TunedCall {
  readonly key: string;
  readonly variant: ProductVariant;
}

/** What a recorded call multiplies and how; undefined for calls that are no tunable product. */
export function productOfCall({ kernel, tensors, params, constants }: Call): TunedCall | undefined {
  const product = kernel.product?.(params);
  const weight = tensors['weight'] ?? tensors['kernel'];
  if (product === undefined || weight === undefined) return undefined;
  const tile = Object.entries(productTiles).find(
    ([, { threadRows, threadCols }]) =>
      threadRows === constants['threadRows'] && threadCols === constants['threadCols'],
  )?.[0] as ProductVariant | undefined;
  const variant = kernel.formula === 'linearMatrix' ? 'matrices' : (tile ?? 'registers');
  return { key: productKey(product, weight.dtype), variant };
}
