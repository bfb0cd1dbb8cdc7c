import type { Plan } from '../../gpu/plan.ts';
import { MOST_REPLAYS, timeSubmit } from '../../gpu/timing.ts';

/** ms of a replay, by the variant's name. */
export type VariantTimes = Readonly<{ [variant: string]: number }>;

/** So long a submit of the fastest lasts, without what an empty one costs: long beside what a clock cannot tell. */
const SLICE_MS = 3;
/** Browsers tell no shorter times. */
const CLOCK_MS = 0.1;
/** Rounds of which the least counts; in turns, so that a change of the clock rate meets all alike. */
const ROUNDS = 4;
/** What is so much slower than the fastest after two rounds, so that one hiccup decides nothing, is not timed again. */
const HOPELESS = 2;

/** Time plans that compute the same, in turns. */
export async function timeVariants(device: GPUDevice, plans: ReadonlyMap<string, Plan>): Promise<VariantTimes> {
  const best = new Map<string, number>();
  let idleMs = Infinity;
  for (let again = 0; again < ROUNDS; again++) idleMs = Math.min(idleMs, await timeSubmit(device, () => {}, 0));
  const round = async (some: Iterable<readonly [string, Plan]>, times: number): Promise<void> => {
    for (const [variant, plan] of some) {
      const ms = (await timeSubmit(device, (pass) => plan.record(pass), times)) - idleMs;
      best.set(variant, Math.min(Math.max(ms, CLOCK_MS) / times, best.get(variant) ?? Infinity));
    }
  };
  if (plans.size === 0) return {};
  await round(plans, 1); // what is prepared at a first use
  let times = 1;
  for (;;) {
    best.clear();
    await round(plans, times);
    const ms = times * Math.min(...best.values());
    if (ms >= SLICE_MS || times === MOST_REPLAYS) break;
    times = Math.min(MOST_REPLAYS, Math.max(2 * times, Math.ceil((times * SLICE_MS) / ms)));
  }
  await round(plans, times);
  const hopeful = [...plans].filter(([variant]) => best.get(variant)! <= HOPELESS * Math.min(...best.values()));
  for (let again = 2; again < ROUNDS && hopeful.length > 1; again++) await round(hopeful, times);
  return Object.fromEntries(best);
}
