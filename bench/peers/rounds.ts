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

/** Let go of a contender when its rounds have taken so long. */
const BUDGET_MS = 20_000;

interface Course extends Contender {
  readonly firstMs: number;
  readonly times: number[];
  counts: DeviceCounts;
  runs: number;
  spentMs: number;
}

/**
 * Run every contender once, which compiles what is new, then time them in turns (A B C A B C …), so that a busy machine
 * is unfair to all alike. Who is very slow drops out when its budget is spent, after one round at least; `rounds` of its
 * timing says when. Where everything is warm already (`isWarm`), a first run that spends the budget is that round.
 */
export async function compete(
  shared: SharedDevice,
  contenders: readonly Contender[],
  { rounds, isWarm = false }: { readonly rounds: number; readonly isWarm?: boolean },
): Promise<Map<string, Timing>> {
  const courses: Course[] = [];
  for (const contender of contenders) {
    const { value: firstMs, counts } = await shared.counted(() => once(shared, contender, 1));
    const course = { ...contender, firstMs, counts, runs: 1, spentMs: 0, times: [] };
    courses.push(isWarm && firstMs > BUDGET_MS ? { ...course, times: [firstMs], spentMs: firstMs } : course);
  }
  for (let round = 0; round < rounds; round++) {
    for (const course of courses.filter(({ spentMs }) => spentMs < BUDGET_MS)) await oneRound(shared, course);
  }
  return new Map(courses.map((course) => [course.runtime, timingOf(course)]));
}

async function oneRound(shared: SharedDevice, course: Course): Promise<void> {
  const isFirst = course.times.length === 0;
  const { value: ms, counts } = await shared.counted(() => once(shared, course, course.runs));
  course.times.push(ms);
  course.spentMs += ms * course.runs;
  if (!isFirst) return;
  // Counted where one run is alone and nothing is new to it.
  course.counts = counts;
  course.runs = Math.min(MOST_RUNS, Math.max(1, Math.ceil(ROUND_MS / ms)));
}

/** Milliseconds a run. */
async function once(shared: SharedDevice, { runtime, unit }: Contender, runs: number): Promise<number> {
  const sinceMs = performance.now();
  await shared.as(runtime, async () => {
    for (let i = 0; i < runs; i++) await unit.submit();
    await shared.settle();
  });
  return (performance.now() - sinceMs) / runs;
}

function timingOf({ firstMs, times, runs, counts }: Course): Timing {
  const at = quantiles(times);
  const rounds = times.length;
  return { firstMs, medianMs: at(0.5), p10Ms: at(0.1), p90Ms: at(0.9), rounds, runsARound: runs, counts };
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
