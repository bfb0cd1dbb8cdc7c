import type { Program } from './program.ts';
import { bytesOf } from './tensor.ts';

/** Which scratch storages share memory: `slotOf` maps a storage to an index of `slotBytes`. */
export interface MemoryPlan {
  readonly slotOf: ReadonlyMap<number, number>;
  readonly slotBytes: readonly number[];
  /** What the scratch would take if nothing were shared. */
  readonly unsharedBytes: number;
}

interface Interval {
  readonly storage: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Assign scratch storages to shared slots, greedy by size over liveness intervals (Pisarchyk and Lee 2020,
 * arXiv 2001.03288, "shared objects"). A slot never holds an input and an output of the same call, because WebGPU
 * refuses a buffer that is read-only and writable in one dispatch. Kept storages live to the end.
 */
export function planMemory(program: Program): MemoryPlan {
  const intervals = liveIntervals(program).sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  const slots: { bytes: number; taken: Interval[] }[] = [];
  const slotOf = new Map<number, number>();
  for (const interval of intervals) {
    const free = slots.findIndex(({ taken }) => taken.every((t) => t.last < interval.first || interval.last < t.first));
    const index = free >= 0 ? free : slots.push({ bytes: interval.bytes, taken: [] }) - 1;
    slots[index]!.taken.push(interval);
    slotOf.set(interval.storage, index);
  }
  return {
    slotOf,
    slotBytes: slots.map(({ bytes }) => bytes),
    unsharedBytes: intervals.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function liveIntervals({ calls, tensors, kept }: Program): Interval[] {
  const span = new Map<number, { first: number; last: number }>();
  calls.forEach((call, at) => {
    for (const { storage } of Object.values(call.tensors)) {
      const seen = span.get(storage);
      span.set(storage, { first: seen?.first ?? at, last: at });
    }
  });
  return tensors
    .filter(({ role }) => role === 'scratch')
    .map((tensor) => {
      const { first, last } = span.get(tensor.storage)!;
      const { storage } = tensor;
      // A kept value must survive until it is read, and must not be poisoned by an earlier call of the next replay.
      return kept.has(storage)
        ? { storage, bytes: bytesOf(tensor), first: 0, last: calls.length }
        : { storage, bytes: bytesOf(tensor), first, last };
    });
}
