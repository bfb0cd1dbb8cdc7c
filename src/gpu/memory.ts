import { Failure } from '../core/failure.ts';
import type { Capabilities } from '../program/capabilities.ts';
import { bytesOf, type Tensor } from '../program/tensor.ts';

/** What has been made and done on a device; a run must leave `buffers`, `bindGroups` and `pipelines` as they were. */
export interface Counters {
  buffers: number;
  bindGroups: number;
  pipelines: number;
  passes: number;
  submits: number;
  dispatches: number;
  /** Floating-point operations of the dispatches at their full size. */
  operations: number;
}

/**
 * The named memory of one model on one device: weights and states, shared by all its programs, and the scratch slots
 * that they take turns with. Owns its buffers until `destroy`.
 */
export class ModelMemory {
  readonly device: GPUDevice;
  readonly counters: Counters = {
    buffers: 0,
    bindGroups: 0,
    pipelines: 0,
    passes: 0,
    submits: 0,
    dispatches: 0,
    operations: 0,
  };
  readonly #capabilities: Capabilities;
  readonly #named = new Map<string, { buffer: GPUBuffer; bytes: number; role: Tensor['role'] }>();
  readonly #slots: GPUBuffer[] = [];
  /** Slots that were replaced while a plan still used them, and buffers that only plans know (params). */
  readonly #retired: GPUBuffer[] = [];
  readonly #owned: GPUBuffer[] = [];
  /** Pipelines by key (pipelines.ts), shared by all programs of the model. */
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;

  /** @param pipelines those of another memory, where both are to share them */
  constructor(device: GPUDevice, capabilities: Capabilities, pipelines: ModelMemory['pipelines'] = new Map()) {
    this.device = device;
    this.pipelines = pipelines;
    this.#capabilities = capabilities;
  }

  /** The buffer of a weight or state; made, zeroed, on first mention. */
  named(tensor: Tensor): GPUBuffer {
    const known = this.#named.get(tensor.label);
    const bytes = bytesOf(tensor);
    if (known !== undefined) {
      if (known.bytes !== bytes)
        throw new Failure('Internal', `${tensor.label} has ${known.bytes} bytes, asked for ${bytes}.`);
      return known.buffer;
    }
    const buffer = this.buffer(tensor.label, bytes);
    this.#named.set(tensor.label, { buffer, bytes, role: tensor.role });
    return buffer;
  }

  /** Whether a weight or state of this label has memory. */
  has(label: string): boolean {
    return this.#named.has(label);
  }

  /** Fill a weight or state, or a part of it from `offsetBytes`. Ordered before every later submit. */
  write(tensor: Tensor, values: ArrayBufferView<ArrayBuffer>, offsetBytes = 0): void {
    if (offsetBytes + values.byteLength > bytesOf(tensor)) {
      throw new Failure(
        'Internal',
        `${tensor.label} takes ${bytesOf(tensor)} bytes, given ${offsetBytes + values.byteLength}.`,
      );
    }
    this.device.queue.writeBuffer(this.named(tensor), offsetBytes, values);
  }

  /** Destroy the buffer with the model. */
  own(buffer: GPUBuffer): GPUBuffer {
    this.#owned.push(buffer);
    return buffer;
  }

  /**
   * Scratch slots of at least these sizes, largest first. A slot that is too small is replaced; plans that were bound
   * to it keep it, so compile together what belongs together.
   */
  slots(sizes: readonly number[]): readonly GPUBuffer[] {
    sizes.forEach((bytes, i) => {
      const slot = this.#slots[i];
      if (slot !== undefined && slot.size >= bytes) return;
      if (slot !== undefined) this.#retired.push(slot);
      this.#slots[i] = this.buffer(`scratch ${i}`, bytes);
    });
    return [...this.#slots]; // as they are now: a plan keeps the slots that it was bound to
  }

  /** Bytes held, by kind. */
  get bytes(): { readonly weights: number; readonly states: number; readonly scratch: number } {
    const sum = (role: string): number =>
      [...this.#named.values()].filter((n) => n.role === role).reduce((total, { bytes }) => total + bytes, 0);
    return {
      weights: sum('weight'),
      states: sum('state'),
      scratch: [...this.#slots, ...this.#retired].reduce((total, { size }) => total + size, 0),
    };
  }

  /** A storage buffer, refused with both numbers where the device cannot hold or bind it. */
  buffer(label: string, bytes: number): GPUBuffer {
    const limit = Math.min(this.#capabilities.maxBufferBytes, this.#capabilities.maxStorageBufferBindingBytes);
    if (bytes > limit) {
      const mib = (n: number): string => `${Math.ceil(n / 2 ** 20)} MiB`;
      throw new Failure('Limits', `${label} needs ${mib(bytes)} in one piece; this adapter allows ${mib(limit)}.`);
    }
    this.counters.buffers++;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    return this.device.createBuffer({ label, size: Math.max(4, bytes), usage });
  }

  destroy(): void {
    for (const { buffer } of this.#named.values()) buffer.destroy();
    for (const buffer of [...this.#slots, ...this.#retired, ...this.#owned]) buffer.destroy();
    this.#named.clear();
    for (const list of [this.#slots, this.#retired, this.#owned]) list.length = 0;
  }
}
