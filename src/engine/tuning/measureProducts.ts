import { ModelMemory } from '../../gpu/memory.ts';
import type { OpenDevice } from '../../gpu/open.ts';
import { compile, type Plan } from '../../gpu/plan.ts';
import { productOfCall, productVariants } from '../../kernels/productTile.ts';

import type { Call } from '../../program/kernel.ts';
import type { Program } from '../../program/program.ts';
import { timeVariants, type VariantTimes } from './timeVariants.ts';

/** A model's programs as they are recorded with these variants of its products. */
export type RecordWith = (tuned: Readonly<{ [key: string]: string }>) => readonly Program[];

/** The measured ms of a product's variants, by the product's key. */
export type ProductTimes = Readonly<{ [key: string]: VariantTimes }>;

export interface Measuring {
  /** Keys that need no measurement. */
  readonly known: (key: string) => boolean;
  /** Each product is timed in a turn of its own, so that other work can come between. */
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether nobody waits for more. */
  readonly isPast: () => boolean;
  /** Time on the device after which the rest is left for another time. */
  readonly budgetMs?: number;
}

const BUDGET_MS = 2000;

/**
 * Time every variant of every product of a model on the device, with memory of its own: weights are zeros, which take as
 * long. A variant that a driver refuses has no time.
 */
export async function measureProducts(opened: OpenDevice, record: RecordWith, how: Measuring): Promise<ProductTimes> {
  const { device, capabilities } = opened;
  const pipelines: ModelMemory['pipelines'] = new Map();
  const measured: { [key: string]: VariantTimes } = {};
  const { budgetMs = BUDGET_MS } = how;
  let spentMs = 0;
  for (const [key, programs] of variantsOf(record)) {
    if (how.known(key)) continue;
    if (how.isPast() || spentMs > budgetMs) break;
    const memory = new ModelMemory(device, capabilities, pipelines);
    try {
      const plans = await compileEach(memory, programs);
      const times = await how.turn(async () => {
        const sinceMs = performance.now();
        const result = await timeVariants(device, plans);
        spentMs += performance.now() - sinceMs;
        return result;
      });
      // Nothing compiles on a device that was lost meanwhile.
      if (Object.keys(times).length > 0) measured[key] = times;
    } finally {
      memory.destroy();
    }
  }
  return measured;
}

/** For every product of the programs, by its key: a program of one call in each variant that fits. */
export function variantsOf(record: RecordWith): ReadonlyMap<string, ReadonlyMap<string, Program>> {
  const found = new Map<string, Map<string, Program>>();
  for (const variant of productVariants) {
    for (const program of record({ '*': variant })) {
      for (const call of program.calls) {
        const product = productOfCall(call);
        // A variant that does not fit was recorded as another.
        if (product?.variant !== variant) continue;
        const programs = found.get(product.key) ?? new Map<string, Program>();
        if (!programs.has(variant)) programs.set(variant, alone(program, call));
        found.set(product.key, programs);
      }
    }
  }
  return found;
}

function alone({ name, tensors, recipes }: Program, call: Call): Program {
  const touched = new Set(Object.values(call.tensors).map(({ storage }) => storage));
  return { name, calls: [call], tensors: tensors.filter((t) => touched.has(t.storage)), recipes, kept: new Set() };
}

async function compileEach(
  memory: ModelMemory,
  programs: ReadonlyMap<string, Program>,
): Promise<ReadonlyMap<string, Plan>> {
  const compiling = [...programs].map(async ([variant, program]) => {
    const compiled = await compile(memory, { program }).catch(() => undefined);
    return compiled ? [[variant, compiled.program] as const] : [];
  });
  return new Map((await Promise.all(compiling)).flat());
}
