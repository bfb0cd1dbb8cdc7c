import tileSource from '#shaders/lib/productTile.wgsl?raw';
import f16Terms from '#shaders/lib/terms/f16.wgsl?raw';
import f32Terms from '#shaders/lib/terms/f32.wgsl?raw';
import type { Target } from '../program/capabilities.ts';
import type { Call, Product } from '../program/kernel.ts';
import type { Dtype, Tensor } from '../program/tensor.ts';
import { fitsMatrix } from './linearMatrix.ts';
import { forStoredWeights } from './storedWeights.ts';

/** The overrides of shaders/lib/productTile.wgsl: a tile has 4 · threadRows rows and 8 · threadCols columns. */
export interface ProductTile {
  readonly threadRows: number;
  readonly threadCols: number;
  /** Whether workgroup memory holds the terms in f16; only where the weights are no finer. Sums are f32. */
  readonly inF16?: boolean;
}

/** What tuning chooses from, by name: rows × columns of a tile. */
export const productTiles = {
  '32 × 64': { threadRows: 8, threadCols: 8 },
  '64 × 32': { threadRows: 16, threadCols: 4 },
  '64 × 64': { threadRows: 16, threadCols: 8 },
  '128 × 32': { threadRows: 32, threadCols: 4 },
  '128 × 64': { threadRows: 32, threadCols: 8 },
  '64 × 64 in f16': { threadRows: 16, threadCols: 8, inF16: true },
  '128 × 64 in f16': { threadRows: 32, threadCols: 8, inF16: true },
} as const satisfies Readonly<Record<string, ProductTile>>;

/** The directive in front of a kernel whose terms are f16. */
const HALVES = 'enable f16;\n';

/** A kernel that is joined behind lib/terms and lib/productTile, for terms of either type. */
export function inTiles<B extends string, P extends string, C extends string>(
  kernel: Parameters<typeof forStoredWeights<B, P, C>>[0],
) {
  const { name, source } = kernel;
  const inF32 = forStoredWeights({ ...kernel, source: f32Terms + tileSource + source });
  const half = { ...kernel, name: `${name}.half`, formula: name, source: f16Terms + tileSource + source };
  const inF16 = forStoredWeights(half, HALVES);
  return (weight: Tensor, tile: ProductTile) => (tile.inF16 ? inF16 : inF32)(weight);
}

/** A tile as the overrides of its kernel. */
export function threadsOf({ threadRows, threadCols }: ProductTile) {
  return { threadRows, threadCols };
}

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
 * How to compute a product: as it was measured, where that fits, else by rule. A product of several pictures is computed
 * as that of one.
 *
 * @param slabTerms how many terms can fill a slab of the tile: in a convolution, the channels of one tap
 */
export function variantOf(target: Target, whole: Product, dtype: Dtype, slabTerms = whole.terms): ProductVariant {
  const product = { ...whole, rows: rowsOfOne(target, whole.rows) };
  const measured = target.tuned?.[productKey(product, dtype)] ?? target.tuned?.['*'];
  const wanted = [measured, untuned(target, product, slabTerms)];
  return productVariants.find((each) => each === wanted.find((w) => fits(target, product, dtype, w))) ?? 'registers';
}

/** How many of the rows of a product belong to one picture. */
export function rowsOfOne({ pictures = 1 }: Target, rows: number): number {
  return rows / pictures;
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

/** Whether a variant is there for the product, and the device has the threads, the workgroup memory and the type it takes. */
function fits(target: Target, { kind, columns }: Product, dtype: Dtype, variant: string | undefined): boolean {
  if (variant === 'registers') return true;
  if (columns % 4 !== 0) return false;
  if (variant === 'matrices') return kind === 'linear' && dtype !== 'f32' && fitsMatrix(target);
  if (!isTile(variant)) return false;
  const { threadRows, threadCols, inF16 = false }: ProductTile = productTiles[variant];
  if (inF16 && (!target.f16 || dtype === 'f32')) return false;
  const slab = 2 * threadCols;
  const bytes = (inF16 ? 8 : 16) * slab * (threadRows + 1 + 2 * threadCols); // as in lib/productTile.wgsl
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
  const isHalf = kernel.source.startsWith(HALVES);
  const tile = Object.entries<ProductTile>(productTiles).find(
    ([, { threadRows, threadCols, inF16 = false }]) =>
      threadRows === constants['threadRows'] && threadCols === constants['threadCols'] && inF16 === isHalf,
  )?.[0] as ProductVariant | undefined;
  const variant = kernel.formula === 'linearMatrix' ? 'matrices' : (tile ?? 'registers');
  return { key: productKey(product, weight.dtype), variant };
}
