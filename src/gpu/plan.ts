import { Failure } from '../core/failure.ts';
import { costOfCall } from '../program/cost.ts';
import { groupsOf, type Call, type Groups, type Scalar } from '../program/kernel.ts';
import { planMemory } from '../program/lifetimes.ts';
import type { Program } from '../program/program.ts';
import { bytesOf, type Tensor } from '../program/tensor.ts';
import type { ModelMemory } from './memory.ts';
import { compilePipelines, pipelineKey } from './pipelines.ts';

interface Dispatch {
  readonly label: string;
  readonly operations: number;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: Groups;
  /** Fewer of them, for so many entries of the list that the rows follow. */
  readonly fewer?: (entries: number) => Groups;
}

/**
 * Make programs ready for a device. They share weights and states by name and take turns with the same scratch.
 * Everything that a replay needs is created here; weights and states are filled by the caller (`memory.write`).
 */
export async function compile<K extends string>(
  memory: ModelMemory,
  programs: Readonly<Record<K, Program>>,
): Promise<Record<K, Plan>> {
  const list = Object.entries<Program>(programs);
  const pipelines = compilePipelines(
    memory,
    list.flatMap(([, program]) => program.calls),
  );
  const plans = list.map(([, program]) => planMemory(program));
  const slotCount = Math.max(0, ...plans.map(({ slotBytes }) => slotBytes.length));
  const sizes = Array.from({ length: slotCount }, (_, i) =>
    Math.max(...plans.map(({ slotBytes }) => slotBytes[i] ?? 0)),
  );
  const slots = memory.slots(sizes);
  const ready = await pipelines;
  const entries = list.map(([key, program], i) => {
    const bufferOf = (tensor: Tensor): GPUBuffer =>
      tensor.role === 'scratch' ? slots[plans[i]!.slotOf.get(tensor.storage)!]! : memory.named(tensor);
    return [key, new Plan(memory, program, bind(memory, program, ready, bufferOf), bufferOf)] as const;
  });
  return Object.fromEntries(entries) as Record<K, Plan>;
}

/** How a program is replayed. */
export interface Replay {
  /** How many entries the program's list has (`Recorder.list`); all that it has room for when absent. */
  readonly entries?: number;
  /** Several submits, each of no more operations, where one would keep a slow device from anything else for too long. */
  readonly mostOperations?: number;
}

/** A program on a device: a flat list of dispatches, replayed in one pass with nothing created. */
export class Plan {
  readonly memory: ModelMemory;
  readonly program: Program;
  readonly #dispatches: readonly Dispatch[];
  readonly #bufferOf: (tensor: Tensor) => GPUBuffer;

  constructor(
    memory: ModelMemory,
    program: Program,
    dispatches: readonly Dispatch[],
    bufferOf: (tensor: Tensor) => GPUBuffer,
  ) {
    this.memory = memory;
    this.program = program;
    this.#dispatches = dispatches;
    this.#bufferOf = bufferOf;
  }

  get dispatchCount(): number {
    return this.#dispatches.length;
  }

  /** The buffer that holds a tensor of this program. */
  bufferOf(tensor: Tensor): GPUBuffer {
    return this.#bufferOf(tensor);
  }

  /** Replay into a pass that somebody else opened; `entries` as for `run`. */
  record(pass: GPUComputePassEncoder, from = 0, to = this.#dispatches.length, entries?: number): void {
    const { counters } = this.memory;
    for (let i = from; i < to; i++) {
      const { pipeline, bindGroup, workgroups, fewer, operations } = this.#dispatches[i]!;
      const groups = entries !== undefined && fewer ? fewer(entries) : workgroups;
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...(groups as [number, number?, number?]));
      counters.operations += operations;
    }
    counters.dispatches += to - from;
  }

  /**
   * Replay every call: one pass, one submit, unless `mostOperations` wants more. `after` may add copies (a readback) to
   * the last submit.
   */
  run(after?: (encoder: GPUCommandEncoder) => void, { entries, mostOperations = Infinity }: Replay = {}): void {
    const { device, counters } = this.memory;
    const { length } = this.#dispatches;
    for (let from = 0, to = 0; from < length; from = to) {
      to = this.#endOfPart(from, mostOperations);
      const encoder = device.createCommandEncoder({ label: this.program.name });
      const pass = encoder.beginComputePass({ label: this.program.name });
      this.record(pass, from, to, entries);
      pass.end();
      if (to === length) after?.(encoder);
      device.queue.submit([encoder.finish()]);
      counters.passes++;
      counters.submits++;
    }
  }

  /** Dispatches from `from` that together have no more operations than asked; one at least. */
  #endOfPart(from: number, mostOperations: number): number {
    let to = from + 1;
    let operations = this.#dispatches[from]!.operations;
    while (to < this.#dispatches.length && (operations += this.#dispatches[to]!.operations) <= mostOperations) to++;
    return to;
  }

  /** One dispatch alone, for profiling: in a pass of its own with the given timestamps. */
  recordOne(index: number, encoder: GPUCommandEncoder, timestampWrites: GPUComputePassTimestampWrites): string {
    const pass = encoder.beginComputePass({ timestampWrites });
    this.record(pass, index, index + 1);
    pass.end();
    return this.#dispatches[index]!.label;
  }

  /** Copy a state, or a kept scratch tensor, to the host. Creates a staging buffer: for tests and rare reads. */
  async read(tensor: Tensor): Promise<ArrayBuffer> {
    const { device } = this.memory;
    const size = bytesOf(tensor);
    const staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    try {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.bufferOf(tensor), 0, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      return staging.getMappedRange().slice(0); // a copy: unmapping detaches the range
    } finally {
      staging.destroy();
    }
  }
}

function bind(
  memory: ModelMemory,
  program: Program,
  pipelines: ReadonlyMap<string, GPUComputePipeline>,
  bufferOf: (tensor: Tensor) => GPUBuffer,
): Dispatch[] {
  const { device } = memory;
  const params = writeParams(memory, program);
  return program.calls.map((call, i) => {
    const { kernel, tensors } = call;
    const pipeline = pipelines.get(pipelineKey(call))!;
    const resources = [
      { buffer: params.buffer, offset: i * params.strideBytes, size: paramsBytes(call) },
      // A slot may be larger than its tensor: bind exactly the tensor.
      ...Object.keys(kernel.buffers).map((name) => ({
        buffer: bufferOf(tensors[name]!),
        size: bytesOf(tensors[name]!),
      })),
    ];
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    memory.counters.bindGroups++;
    const bindGroup = device.createBindGroup({ label: kernel.name, layout: pipeline.getBindGroupLayout(0), entries });
    const fewer = call.rowsAnEntry !== undefined && { fewer: (count: number): Groups => groupsOf(call, count) };
    const { operations } = costOfCall(call);
    return { label: kernel.name, operations, pipeline, bindGroup, workgroups: checkedGroups(call), ...fewer };
  });
}

/** Most groups a dimension that WebGPU guarantees. */
const MAX_GROUPS = 65_535;

function checkedGroups(call: Call): Groups {
  const groups = groupsOf(call);
  if (groups.some((n) => n !== undefined && !(Number.isInteger(n) && n >= 1 && n <= MAX_GROUPS))) {
    throw new Failure(
      'Internal',
      `kernel ${call.kernel.name} asks for ${groups.join(' × ')} groups, allowed are 1 to ${MAX_GROUPS}.`,
    );
  }
  return groups;
}

/** `struct Params` holds 4-byte scalars; uniform structs are rounded up to 16 bytes. */
function paramsBytes({ kernel }: Call): number {
  return Math.max(16, Math.ceil(Object.keys(kernel.params).length / 4) * 16);
}

/** The params of all calls in one uniform buffer, one aligned slot a call. */
function writeParams(memory: ModelMemory, { name, calls }: Program): { buffer: GPUBuffer; strideBytes: number } {
  const { device, counters } = memory;
  const strideBytes = Math.max(device.limits.minUniformBufferOffsetAlignment, ...calls.map(paramsBytes));
  const bytes = new DataView(new ArrayBuffer(Math.max(1, calls.length) * strideBytes));
  calls.forEach(({ kernel, params }, call) => {
    Object.entries<Scalar>(kernel.params).forEach(([field, type], i) => {
      const value = params[field];
      if (value === undefined) throw new Failure('Internal', `kernel ${kernel.name}: no value for param ${field}`);
      const at = call * strideBytes + i * 4;
      if (type === 'f32') bytes.setFloat32(at, value, true);
      else if (type === 'i32') bytes.setInt32(at, value, true);
      else bytes.setUint32(at, value, true);
    });
  });
  counters.buffers++;
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const buffer = memory.own(device.createBuffer({ label: `${name} params`, size: bytes.byteLength, usage }));
  device.queue.writeBuffer(buffer, 0, bytes.buffer);
  return { buffer, strideBytes };
}
