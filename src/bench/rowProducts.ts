import type { OpenDevice } from '../gpu/open.ts';
import { ModelMemory } from '../gpu/memory.ts';
import { compile } from '../gpu/plan.ts';
import { linear } from '../kernels/linear.ts';
import { rowLinear } from '../kernels/rowLinear.ts';
import { Recorder, type Program } from '../program/program.ts';
import { timeReplay } from '../gpu/timing.ts';

/** A product of one row by the kernel for many and by the one for few, in ms. */
export interface ProductTime {
  readonly inWidth: number;
  readonly outWidth: number;
  readonly linearMs: number;
  readonly rowLinearMs: number;
}

/** Of mini, and of the official network. */
const shapes = [
  [192, 576],
  [192, 192],
  [192, 768],
  [768, 192],
  [768, 2304],
  [768, 3072],
  [3072, 768],
] as const;

/** Time both in turns. */
export async function timeProducts(opened: OpenDevice): Promise<readonly ProductTime[]> {
  const times: ProductTime[] = [];
  for (const [inWidth, outWidth] of shapes) {
    const memory = new ModelMemory(opened.device, opened.capabilities);
    const record = (product: typeof linear): Program => {
      const rec = new Recorder(opened.capabilities);
      rec.keep(product(rec, rec.state('x', [1, inWidth], 'f32'), { weight: rec.weight('w', [inWidth, outWidth]) }));
      return rec.finish('product');
    };
    const plans = await compile(memory, { linear: record(linear), rowLinear: record(rowLinear) });
    const leastMs = 30;
    const linearMs = await timeReplay(opened.device, (pass) => plans.linear.record(pass), leastMs);
    const rowLinearMs = await timeReplay(opened.device, (pass) => plans.rowLinear.record(pass), leastMs);
    times.push({ inWidth, outWidth, linearMs, rowLinearMs });
    memory.destroy();
  }
  return times;
}
