import type { DeviceCounts, SharedDevice } from './sharedDevice.ts';
import type { Unit } from './runtimes/runtime.ts';

/** How long the runs of one runtime took, in ms a run. */
export interface Timing {
  /** The first run, with what is compiled for it. */
  readonly firstMs: number;
  readonly medianMs: number;
  readonly p10Ms: number;
  readonly p90Ms: number;
  readonly rounds: number;
  /** Runs that one wait for the device was shared by. */
  readonly runsARound: number;
  /** What one warm run does on the device. */
  readonly counts: DeviceCounts;
}

export interface Contender {
  readonly runtime: string;
  readonly unit: Pick<Unit, 'submit'>;
}

/** On fast adapters so many runs share a wait that a round takes at least this long. */
const ROUND_MS = 30;
const MOST_RUNS = 50;

/** Warm every contender up, then time them in turns (A B C A B C …), so that a busy machine is unfair to all alike. */
export async function compete(
  shared: SharedDevice,
  contenders: readonly Contender[],
  rounds: number,
): Promise<Map<string, Timing>> {
  const once = async ({ runtime, unit }: Contender, runs: number): Promise<number> => {
    const sinceMs = performance.now();
    await shared.as(runtime, async () => {
      for (let i = 0; i < runs; i++) await unit.submit();
      await shared.settle();
    });
    return (performance.now() - sinceMs) / runs;
  };
  const warm = new Map<string, { firstMs: number; runs: number; counts: DeviceCounts; times: number[] }>();
  for (const contender of contenders) {
    const firstMs = await once(contender, 1);
    const { value: secondMs, counts } = await shared.counted(() => once(contender, 1));
    const runs = Math.min(MOST_RUNS, Math.max(1, Math.ceil(ROUND_MS / secondMs)));
    warm.set(contender.runtime, { firstMs, runs, counts, times: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      const { runs, times } = warm.get(contender.runtime)!;
      times.push(await once(contender, runs));
    }
  }
  const timings = [...warm].map(([name, { firstMs, runs, counts, times }]): [string, Timing] => {
    const at = quantiles(times);
    return [name, { firstMs, medianMs: at(0.5), p10Ms: at(0.1), p90Ms: at(0.9), rounds, runsARound: runs, counts }];
  });
  return new Map(timings);
}

/** Linear between the sorted values. */
export function quantiles(values: readonly number[]): (q: number) => number {
  const sorted = values.toSorted((a, b) => a - b);
  return (q) => {
    const at = q * (sorted.length - 1);
    const low = Math.floor(at);
    const [a, b] = [sorted[low]!, sorted[Math.min(low + 1, sorted.length - 1)]!];
    return a + (b - a) * (at - low);
  };
}
