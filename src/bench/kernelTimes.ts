import type { Plan } from '../gpu/plan.ts';
import { profile } from '../gpu/profile.ts';
import { costOfCall } from '../program/cost.ts';
import type { Call } from '../program/kernel.ts';
import { bytesOf } from '../program/tensor.ts';
import type { Roofline } from './roofline.ts';
import { median } from '../core/median.ts';
import { timeReplay } from '../gpu/timing.ts';

/** All calls of a program that run one kernel at one size, together. */
export interface KernelTime {
  readonly kernel: string;
  /** The params of the calls, `rows 130, inWidth 192, …`. */
  readonly size: string;
  readonly calls: number;
  readonly ms: number;
  /** Rates are 0 where the clock cannot tell. */
  readonly gflopPerS: number;
  /** Bytes of what the calls bind, each tensor once a call; caches may give more than memory does. */
  readonly gbPerS: number;
  /** What the roofline allows over what it took: the larger of operations and bytes counts. */
  readonly rooflinePercent: number;
}

export interface ProgramTime {
  /** A replay in one pass, by the clock outside. */
  readonly ms: number;
  readonly gflopPerS: number;
  readonly rooflinePercent: number;
  /** Where the times of the kernels are from: the adapter's own clock, or replays of each call alone. */
  readonly clock: 'timestamps' | 'replays';
  readonly kernels: readonly KernelTime[];
}

/** Profiles of which the median counts. */
const PROFILES = 5;
/** Browsers round timestamps to so many ms (Chrome, without developer features): too coarse for a fast adapter. */
const COARSE_MS = 0.1;

/** A program's time, and which of its kernels takes how much of it, with how far each is from the roofline. */
export async function timeProgram(plan: Plan, roofline: Roofline, isSoftware: boolean): Promise<ProgramTime> {
  const { device } = plan.memory;
  const leastMs = isSoftware ? 1 : 20;
  const ms = await timeReplay(device, (pass) => plan.record(pass), leastMs);
  const { clock, callMs } = await timeCalls(plan, leastMs);
  const groups = new Map<string, { calls: Call[]; ms: number }>();
  plan.program.calls.forEach((call, i) => {
    const key = `${call.kernel.name} ${sizeOf(call)}`;
    const group = groups.get(key) ?? { calls: [], ms: 0 };
    groups.set(key, { calls: [...group.calls, call], ms: group.ms + callMs[i]! });
  });
  const kernels = [...groups.values()].map((group) => timeOf(group.calls, group.ms, roofline));
  const { gflopPerS, rooflinePercent } = timeOf(plan.program.calls, ms, roofline);
  return { ms, gflopPerS, rooflinePercent, clock, kernels: kernels.toSorted((a, b) => b.ms - a.ms) };
}

async function timeCalls(plan: Plan, leastMs: number): Promise<{ clock: ProgramTime['clock']; callMs: number[] }> {
  const { device } = plan.memory;
  if (device.features.has('timestamp-query')) {
    const rounds: number[][] = [];
    for (let i = 0; i < PROFILES; i++) rounds.push((await profile(plan)).map(({ ms }) => ms));
    if (!isCoarse(rounds.flat())) {
      return { clock: 'timestamps', callMs: rounds[0]!.map((_, call) => median(rounds.map((round) => round[call]!))) };
    }
  }
  const callMs: number[] = [];
  for (let call = 0; call < plan.dispatchCount; call++) {
    callMs.push(await timeReplay(device, (pass) => plan.record(pass, call, call + 1), leastMs));
  }
  return { clock: 'replays', callMs };
}

/** Whether every time is a multiple of the step that browsers round to, and too short for that to be good enough. */
export function isCoarse(times: readonly number[]): boolean {
  const isRounded = times.every((ms) => Math.abs(ms / COARSE_MS - Math.round(ms / COARSE_MS)) < 1e-6);
  return isRounded && median(times) < 20 * COARSE_MS;
}

function timeOf(calls: readonly Call[], ms: number, roofline: Roofline): KernelTime {
  const operations = calls.reduce((sum, call) => sum + costOfCall(call).operations, 0);
  const bytes = calls.reduce((sum, call) => sum + boundBytes(call), 0);
  const floorMs = Math.max(operations / 1e6 / roofline.f32GflopPerS, bytes / 1e6 / roofline.readGbPerS);
  return {
    kernel: calls[0]!.kernel.name,
    size: sizeOf(calls[0]!),
    calls: calls.length,
    ms,
    gflopPerS: ms > 0 ? operations / 1e6 / ms : 0,
    gbPerS: ms > 0 ? bytes / 1e6 / ms : 0,
    rooflinePercent: ms > 0 ? (100 * floorMs) / ms : 0,
  };
}

/** A tensor that stands in for an absent one is bound twice and counts once. */
function boundBytes({ tensors }: Call): number {
  const once = new Map(Object.values(tensors).map((tensor) => [tensor.storage, bytesOf(tensor)]));
  return [...once.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function sizeOf({ params }: Call): string {
  return Object.entries(params)
    .map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toPrecision(2)}`)
    .join(', ');
}
