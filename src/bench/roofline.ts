import { ModelMemory } from '../gpu/memory.ts';
import type { OpenDevice } from '../gpu/open.ts';
import { compile } from '../gpu/plan.ts';
import type { Capabilities } from '../program/capabilities.ts';
import { costOf } from '../program/cost.ts';
import { recordMultiplyAdds, recordSweeps } from './probes.ts';
import { timeReplay } from '../gpu/timing.ts';

/** What an adapter can do at most, measured on it: no kernel can be faster than the slower of the two allows. */
export interface Roofline {
  /** Multiply-adds count as two operations. */
  readonly f32GflopPerS: number;
  /** Absent where the adapter has no half floats. */
  readonly f16GflopPerS?: number;
  readonly readGbPerS: number;
  readonly writeGbPerS: number;
  /** How much memory was swept. */
  readonly sweptBytes: number;
}

const MIB = 2 ** 20;

/** How much work keeps an adapter busy: software is measured by less of it. */
function sizesFor({ isFallback, maxBufferBytes, maxStorageBufferBindingBytes }: Capabilities) {
  const mostBytes = Math.min(maxBufferBytes, maxStorageBufferBindingBytes);
  return isFallback
    ? { threads: 2 ** 10, rounds: 2 ** 12, sweptBytes: 64 * MIB, sweepThreads: 2 ** 10, leastMs: 50 }
    : {
        threads: 2 ** 18,
        rounds: 2 ** 10,
        sweptBytes: powerOfTwo(512 * MIB, mostBytes),
        sweepThreads: 2 ** 18,
        leastMs: 30,
      };
}

/** The larger of the two spellings of a multiply-add, and two sweeps over more memory than any cache holds. */
export async function measureRoofline({ device, capabilities }: OpenDevice): Promise<Roofline> {
  const sizes = sizesFor(capabilities);
  const memory = new ModelMemory(device, capabilities);
  const { write, read } = recordSweeps(sizes.sweptBytes, sizes.sweepThreads);
  try {
    const f32 = await fastestMultiplyAdd(memory, 'f32', sizes);
    const f16 = capabilities.f16 ? await fastestMultiplyAdd(memory, 'f16', sizes) : undefined;
    const sweeps = await compile(memory, { write, read });
    const rate = async (plan: (typeof sweeps)['read']): Promise<number> =>
      sizes.sweptBytes / 1e6 / (await timeReplay(device, (pass) => plan.record(pass), sizes.leastMs));
    const writeGbPerS = await rate(sweeps.write);
    const readGbPerS = await rate(sweeps.read);
    return {
      f32GflopPerS: f32,
      ...(f16 !== undefined && { f16GflopPerS: f16 }),
      readGbPerS,
      writeGbPerS,
      sweptBytes: sizes.sweptBytes,
    };
  } finally {
    memory.destroy();
  }
}

async function fastestMultiplyAdd(
  memory: ModelMemory,
  floats: 'f32' | 'f16',
  { leastMs, ...size }: ReturnType<typeof sizesFor>,
): Promise<number> {
  const rates: number[] = [];
  for (const isFused of [true, false]) {
    const program = recordMultiplyAdds(floats, size, isFused);
    const { plan } = await compile(memory, { plan: program });
    const ms = await timeReplay(memory.device, (pass) => plan.record(pass), leastMs);
    rates.push(costOf(program).operations / 1e6 / ms);
  }
  return Math.max(...rates);
}

/** The largest half, quarter, … of `wanted` that is at most `most`. */
function powerOfTwo(wanted: number, most: number): number {
  return wanted <= most ? wanted : powerOfTwo(wanted / 2, most);
}
