import type { Plan } from '../../gpu/plan.ts';
import { MOST_REPLAYS, timeSubmit } from '../../gpu/timing.ts';

/** ms of a replay, by the variant's name. */
export type VariantTimes = Readonly<{ [variant: string]: number }>;

/** So long a submit of the fastest lasts: long beside what a submit costs, and beside what a clock cannot tell. */
const SLICE_MS = 3;
/** Rounds of which the least counts; in turns, so that a change of the clock rate meets all alike. */
const ROUNDS = 3;
/** What is so much slower than the fastest keeps the time of its first round. */
const HOPELESS = 2;

/** Time plans that compute the same, in turns. */
export async function timeVariants(device: GPUDevice, plans: ReadonlyMap<string, Plan>): Promise<VariantTimes> {
  const best = new Map<string, number>();
  const round = async (some: Iterable<readonly [string, Plan]>, times: number): Promise<void> => {
    for (const [variant, plan] of some) {
      const ms = (await timeSubmit(device, (pass) => plan.record(pass), times)) / times;
      best.set(variant, Math.min(ms, best.get(variant) ?? Infinity));
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
    times = Math.min(MOST_REPLAYS, Math.max(2 * times, Math.ceil((times * SLICE_MS) / Math.max(ms, 0.01))));
  }
  const hopeful = [...plans].filter(([variant]) => best.get(variant)! <= HOPELESS * Math.min(...best.values()));
  for (let again = 1; again < ROUNDS && hopeful.length > 1; again++) await round(hopeful, times);
  return Object.fromEntries(best);
}
