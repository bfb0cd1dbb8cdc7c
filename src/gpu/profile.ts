import type { Plan } from './plan.ts';

/** Time of one call, by the GPU's own clock. */
export interface CallTime {
  readonly kernel: string;
  readonly ms: number;
}

/**
 * Replay a plan with every call in a pass of its own between two timestamps. Needs the feature 'timestamp-query';
 * passes of their own cost more than a replay, so the sum is an upper bound.
 */
export async function profile(plan: Plan): Promise<CallTime[]> {
  const { device } = plan.memory;
  const count = plan.dispatchCount;
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * count });
  const size = 2 * count * 8;
  const resolved = device.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  try {
    const encoder = device.createCommandEncoder({ label: 'profile' });
    const kernels = Array.from({ length: count }, (_, i) =>
      plan.recordOne(i, encoder, { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 }),
    );
    encoder.resolveQuerySet(querySet, 0, 2 * count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const nanoseconds = new BigUint64Array(staging.getMappedRange().slice(0));
    return kernels.map((kernel, i) => ({ kernel, ms: Number(nanoseconds[2 * i + 1]! - nanoseconds[2 * i]!) / 1e6 }));
  } finally {
    for (const resource of [querySet, resolved, staging]) resource.destroy();
  }
}
