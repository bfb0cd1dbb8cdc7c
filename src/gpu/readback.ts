import { Failure } from '../core/failure.ts';
import { bytesOf, type Tensor } from '../program/tensor.ts';
import type { Plan } from './plan.ts';

/**
 * A ring of staging buffers, so that the results of a step can be copied out in its own submit and mapped while later
 * steps run: no step waits for a readback, and nothing is created in the loop.
 */
export class ReadbackRing {
  readonly #plan: Plan;
  readonly #tensors: readonly Tensor[];
  readonly #offsets: readonly number[];
  readonly #free: GPUBuffer[];
  readonly #all: readonly GPUBuffer[];
  #next: GPUBuffer | undefined;

  /** Room for `depth` reads of `tensors` (states or kept scratch of the plan) at a time. */
  constructor(plan: Plan, tensors: readonly Tensor[], depth: number) {
    this.#plan = plan;
    this.#tensors = tensors;
    let end = 0;
    this.#offsets = tensors.map((tensor) => (end += bytesOf(tensor)) - bytesOf(tensor));
    const { device, counters } = plan.memory;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    this.#all = Array.from({ length: depth }, (_, i) =>
      device.createBuffer({ label: `readback ${i}`, size: end, usage }),
    );
    counters.buffers += depth;
    this.#free = [...this.#all];
  }

  /** Whether a copy can be recorded now; if not, await an earlier read first. */
  get hasRoom(): boolean {
    return this.#free.length > 0;
  }

  /** Record the copies into the submit of the step. */
  copy(encoder: GPUCommandEncoder): void {
    const staging = this.#free.pop();
    if (staging === undefined) throw new Error('readback ring is full: await an earlier read first');
    this.#tensors.forEach((tensor, i) => {
      encoder.copyBufferToBuffer(this.#plan.bufferOf(tensor), 0, staging, this.#offsets[i]!, bytesOf(tensor));
    });
    this.#next = staging;
  }

  /** The values that the last `copy` took, in the order of the tensors; call it right after the submit. */
  async read(): Promise<ArrayBuffer[]> {
    const staging = this.#next;
    if (staging === undefined) throw new Error('nothing was copied since the last read');
    this.#next = undefined;
    await staging.mapAsync(GPUMapMode.READ).catch((cause: unknown) => {
      // A lost device rejects maps with an AbortError, before it says that it is lost; nobody pressed Stop here.
      throw new Failure('DeviceLost', 'The graphics device was lost while its results were read.', { cause });
    });
    const range = staging.getMappedRange();
    const values = this.#tensors.map((tensor, i) =>
      range.slice(this.#offsets[i]!, this.#offsets[i]! + bytesOf(tensor)),
    );
    staging.unmap();
    this.#free.push(staging);
    return values;
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
  }
}
