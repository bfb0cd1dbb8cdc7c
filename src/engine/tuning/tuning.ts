import type { ProductChoice, TuningOrder, TuningReport } from '../../core/tuning.ts';
import type { OpenDevice } from '../../gpu/open.ts';
import { productOfCall } from '../../kernels/productTile.ts';
import { productVersion } from '../../kernels/productVersion.ts';
import type { Target } from '../../program/capabilities.ts';
import { measureProducts, type Measuring, type ProductTimes, type RecordWith } from './measureProducts.ts';
import { parseRecord, withProducts, type Adapters } from './tuningRecord.ts';

/** Where what was measured outlives the process: one text, never trusted. */
export interface TuningStore {
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

/** Of another variant no less than this part of the usual one's time is a draw, which the usual one wins. */
const DRAW = 0.95;

/** What was measured on an adapter, kept in a store, and what follows from it. */
export class Tuning {
  readonly #store: TuningStore | undefined;
  readonly #host: string;
  /** The text where there is no store, or it cannot be written. */
  #text: string | undefined;

  /** @param host what else than the adapter decides on speed: the browser, say */
  constructor(store?: TuningStore, host = '') {
    this.#store = store;
    this.#host = host;
  }

  /** The fastest variants by key, to record a model's programs with. */
  async tuned(opened: OpenDevice, record: RecordWith): Promise<Target['tuned']> {
    const times = await this.#read(opened);
    const choices = choose(record, times).filter(({ ms }) => ms);
    return Object.fromEntries(choices.map(({ product, variant }) => [product, variant]));
  }

  /** Measure or forget as ordered, and tell what holds then; software adapters are measured by `anew` alone. */
  async obey(
    order: TuningOrder,
    opened: OpenDevice,
    record: RecordWith,
    how: Omit<Measuring, 'known'>,
  ): Promise<TuningReport> {
    const { isFallback: isSoftware } = opened.capabilities;
    let times = await this.#read(opened);
    if (order === 'forget') await this.#write(opened, (times = {}));
    if (order === 'anew' || (order === 'complete' && !isSoftware)) {
      const known = (key: string): boolean => order === 'complete' && Object.hasOwn(times, key);
      const measured = await measureProducts(opened, record, { ...how, known });
      times = { ...times, ...measured };
      if (Object.keys(measured).length > 0) await this.#write(opened, times);
    }
    return { isSoftware, products: choose(record, times) };
  }

  async #read(opened: OpenDevice): Promise<ProductTimes> {
    return (await this.#adapters(opened))[this.#nameOf(opened)] ?? {};
  }

  async #write(opened: OpenDevice, times: ProductTimes): Promise<void> {
    this.#text = withProducts(await this.#adapters(opened), productVersion, this.#nameOf(opened), times);
    await this.#storeOf(opened)
      ?.write(this.#text)
      .catch(() => {}); // it then holds until the process ends
  }

  async #adapters(opened: OpenDevice): Promise<Adapters> {
    const text =
      this.#text ??
      (await this.#storeOf(opened)
        ?.read()
        .catch(() => undefined));
    return parseRecord(text, productVersion);
  }

  /** What was measured on a software adapter is of its moment's load, and never kept. */
  #storeOf({ capabilities }: OpenDevice): TuningStore | undefined {
    return capabilities.isFallback ? undefined : this.#store;
  }

  #nameOf({ report: { vendor, architecture, description, features } }: OpenDevice): string {
    return [vendor, architecture, description, features.join(' '), this.#host].filter(Boolean).join(' | ');
  }
}

/** Every product of the programs, with its usual variant and the one that its times speak for. */
export function choose(record: RecordWith, times: ProductTimes): ProductChoice[] {
  const choices = new Map<string, ProductChoice>();
  for (const call of record({}).flatMap(({ calls }) => calls)) {
    const product = productOfCall(call);
    if (product === undefined) continue;
    const { key, variant: usual } = product;
    const calls = (choices.get(key)?.calls ?? 0) + 1;
    const ms = Object.hasOwn(times, key) ? times[key] : undefined;
    choices.set(key, { product: key, calls, variant: fastest(usual, ms ?? {}), usual, ...(ms && { ms }) });
  }
  return [...choices.values()];
}

function fastest(usual: string, ms: ProductTimes[string]): string {
  const toBeat = DRAW * (ms[usual] ?? Infinity);
  const better = Object.entries(ms).filter(([variant, time]) => variant !== usual && time < toBeat);
  return better.toSorted(([, a], [, b]) => a - b)[0]?.[0] ?? usual;
}
