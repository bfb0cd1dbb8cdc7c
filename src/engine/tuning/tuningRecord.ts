import { productVariants } from '../../kernels/productTile.ts';
import type { ProductTimes } from './measureProducts.ts';

/** Adapters whose measurements are kept; a browser's next version counts as another. */
const MOST_ADAPTERS = 4;

/** What was measured, by the name of the adapter, the newest last. */
export type Adapters = Readonly<{ [adapter: string]: ProductTimes }>;

/** What a text holds for this version of the kernels; nothing where it is junk or of another version. */
export function parseRecord(text: string | undefined, version: string): Adapters {
  try {
    const record = JSON.parse(text ?? '') as { version?: unknown; adapters?: unknown } | null;
    if (record?.version !== version || !isObject(record.adapters)) return {};
    const adapters = Object.entries(record.adapters).map(([name, products]) => [name, timesOf(products)] as const);
    return Object.fromEntries(adapters);
  } catch {
    return {};
  }
}

/** The text with an adapter's measurements in place of what it had. */
export function withProducts(adapters: Adapters, version: string, name: string, times: ProductTimes): string {
  const others = Object.entries(adapters).filter(([other]) => other !== name);
  const all = Object.keys(times).length > 0 ? [...others, [name, times] as const] : others;
  return JSON.stringify({ version, adapters: Object.fromEntries(all.slice(-MOST_ADAPTERS)) });
}

function timesOf(products: unknown): ProductTimes {
  if (!isObject(products)) return {};
  const known: readonly string[] = productVariants;
  const isTime = ([variant, ms]: readonly [string, unknown]): boolean =>
    known.includes(variant) && typeof ms === 'number' && ms > 0;
  return Object.fromEntries(
    Object.entries(products).flatMap(([key, ms]) => {
      const times = isObject(ms) ? Object.entries(ms).filter(isTime) : [];
      return times.length > 0 ? [[key, Object.fromEntries(times) as ProductTimes[string]]] : [];
    }),
  );
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
