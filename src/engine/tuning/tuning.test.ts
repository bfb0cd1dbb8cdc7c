import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../core/parseManifest.ts';
import type { OpenDevice } from '../../gpu/open.ts';
import { conv2d, convWeights } from '../../kernels/conv2d.ts';
import { linear } from '../../kernels/linear.ts';
import { productOfCall, productVariants } from '../../kernels/productTile.ts';
import { plainCapabilities, type Target } from '../../program/capabilities.ts';
import { Recorder } from '../../program/program.ts';
import { testDevice } from '../../testing/device.ts';
import { MemoryStore } from '../../testing/memoryStore.ts';
import { toyFiles } from '../../testing/toyModel.ts';
import { picturePrograms } from '../load.ts';
import { browserTuning } from './browserTuning.ts';
import { variantsOf, type ProductTimes, type RecordWith } from './measureProducts.ts';
import { choose, Tuning, type TuningStore } from './tuning.ts';

const manifest = parseManifest(JSON.parse(new TextDecoder().decode(toyFiles().get('model.json'))), 'model.json');
const now = { turn: <R>(work: () => Promise<R>) => work(), isPast: () => false, budgetMs: Infinity };
const hardware: Target = plainCapabilities;
const record = picturePrograms(manifest, hardware);

/** Programs of one call each: products of 8 rows with so many columns, and a convolution. */
const small =
  (...columns: readonly number[]): RecordWith =>
  (tuned) => {
    const rec = new Recorder({ ...hardware, tuned });
    for (const count of columns) {
      linear(rec, rec.scratch('x', [8, 16]), { weight: rec.weight(`w${count}`, [16, count]) });
    }
    const shape = { size: 3, inChannels: 16, outChannels: 32, hasBias: true } as const;
    conv2d(rec, rec.scratch('picture', [4, 4, 16]), convWeights(rec, 'conv', shape));
    return [rec.finish('small')];
  };

/** The device of the tests, taken for hardware. */
async function asHardware(): Promise<OpenDevice> {
  const opened = await testDevice();
  return { ...opened, capabilities: { ...opened.capabilities, isFallback: false } };
}

function memoryStore(text?: string): TuningStore & { text: string | undefined } {
  return {
    text,
    async read() {
      return this.text;
    },
    async write(written) {
      this.text = written;
    },
  };
}

describe('tuning', () => {
  it('times every variant that fits of every product, once, and keeps that for the next visit', async () => {
    const opened = await asHardware();
    const store = memoryStore();
    let turns = 0;
    const counted = { ...now, turn: <R>(work: () => Promise<R>) => (turns++, work()) };
    const { isSoftware, products } = await new Tuning(store).obey('complete', opened, small(32), counted);
    expect(isSoftware).toBe(false);
    const variants = variantsOf(small(32));
    expect(products.map(({ product }) => product)).toEqual([...variants.keys()]);
    expect(turns).toBe(2);
    for (const { product, ms, variant } of products) {
      expect(Object.keys(ms!).toSorted(), product).toEqual([...variants.get(product)!.keys()].toSorted());
      expect(Object.values(ms!).every((time) => time > 0)).toBe(true);
      expect(Object.keys(ms!)).toContain(variant);
    }
    const next = await new Tuning(store).obey('complete', opened, small(32), counted);
    expect(turns, 'nothing is measured twice').toBe(2);
    expect(next.products).toEqual(products);
  });

  it('measures what another model adds, all of it again when told so, and forgets when told so', async () => {
    const opened = await asHardware();
    const store = memoryStore();
    const { products: before } = await new Tuning(store).obey('complete', opened, small(32), now);
    const tuning = new Tuning(store);
    const { products: more } = await tuning.obey('complete', opened, small(32, 36), now);
    expect(more.filter(({ ms }) => ms)).toHaveLength(3);
    expect(more).toEqual(expect.arrayContaining([...before]));
    const { products: again } = await tuning.obey('anew', opened, small(32, 36), now);
    expect(again.map(({ ms }) => ms)).not.toEqual(more.map(({ ms }) => ms));
    const { products: forgotten } = await tuning.obey('forget', opened, small(32, 36), now);
    expect(forgotten.every(({ ms, variant, usual }) => ms === undefined && variant === usual)).toBe(true);
    expect(await new Tuning(store).tuned(opened, small(32, 36))).toEqual({});
  });

  it('leaves a software adapter to its rule, and keeps nothing of it', async () => {
    const opened = await testDevice();
    if (!opened.capabilities.isFallback) return expect(opened.report.isFallback).toBe(false);
    const store = memoryStore();
    const tuning = new Tuning(store);
    const { isSoftware, products } = await tuning.obey('complete', opened, record, {
      turn: () => expect.unreachable('nothing is measured'),
      isPast: () => false,
    });
    expect(isSoftware).toBe(true);
    expect(products.every(({ ms }) => ms === undefined)).toBe(true);
    expect(store.text).toBeUndefined();
  });

  it('stops where nobody waits any more, or its time is up, with what it has', async () => {
    const opened = await asHardware();
    let left = 1;
    const past = { ...now, isPast: () => left-- <= 0 };
    const late = { ...now, budgetMs: 0 };
    for (const how of [past, late]) {
      const { products } = await new Tuning().obey('complete', opened, small(32), how);
      expect(products.map(({ ms }) => ms !== undefined)).toEqual([true, false]);
    }
  });

  it('goes without what a store does not give or does not take', async () => {
    const opened = await asHardware();
    const closed: TuningStore = {
      read: () => Promise.reject(new Error('closed')),
      write: () => Promise.reject(new Error('full')),
    };
    const tuning = new Tuning(closed);
    const { products } = await tuning.obey('complete', opened, small(32), now);
    expect((await tuning.obey('look', opened, small(32), now)).products).toEqual(products);
  });
});

describe('the choice', () => {
  const key = (): string => choose(record, {})[0]!.product;
  const timesOf = (ms: ProductTimes[string]): ProductTimes => ({ [key()]: ms });

  it('is the fastest variant, but the usual one where that is within a twentieth of it', () => {
    const { usual } = choose(record, {})[0]!;
    const other = productVariants.find((variant) => variant !== usual)!;
    expect(choose(record, timesOf({ [usual]: 1, [other]: 0.9 }))[0]!.variant).toBe(other);
    expect(choose(record, timesOf({ [usual]: 1, [other]: 0.97 }))[0]!.variant).toBe(usual);
    expect(choose(record, timesOf({ [other]: 5 }))[0]!.variant, 'a driver refused the usual one').toBe(other);
  });

  it('is what the programs are recorded with', () => {
    const times = Object.fromEntries(
      [...variantsOf(record)].map(([product, programs], i) => {
        const variants = [...programs.keys()];
        const best = variants[i % variants.length];
        return [product, Object.fromEntries(variants.map((variant) => [variant, variant === best ? 1 : 2]))] as const;
      }),
    );
    const choices = choose(record, times);
    const programs = record(Object.fromEntries(choices.map(({ product, variant }) => [product, variant])));
    const recorded = programs.flatMap(({ calls }) => calls).map(productOfCall);
    for (const { product, variant } of choices) {
      expect(recorded.find((call) => call?.key === product)?.variant, product).toBe(variant);
    }
    expect(new Set(choices.map(({ variant }) => variant)).size).toBeGreaterThan(3);
  });
});

describe('the browser’s store', () => {
  it('brings back what was written, whole', async () => {
    const files = new MemoryStore();
    const store = browserTuning(async () => files);
    expect(await store.read()).toBeUndefined();
    await store.write('a longer text');
    await store.write('short');
    expect(await browserTuning(async () => files).read()).toBe('short');
  });

  it('is empty where the browser has none', async () => {
    const store = browserTuning(async () => undefined);
    await store.write('text');
    expect(await store.read()).toBeUndefined();
  });
});
