import { floatsToHalves, halfToFloat } from '../formats/half.ts';
import { ModelMemory } from '../gpu/memory.ts';
import { compile, type Plan } from '../gpu/plan.ts';
import { interpret, type Reference, type Values } from '../program/interpret.ts';
import type { Recorder, Program } from '../program/program.ts';
import { bytesOf, sizeOf, type Tensor } from '../program/tensor.ts';
import { testDevice } from './device.ts';

/** A difference is allowed up to `abs + rel · |expected|`. */
export interface Tolerance {
  readonly abs: number;
  readonly rel: number;
}

/** Values by tensor; an f16 or i8 tensor takes floats that its type holds exactly. */
export type Inputs = ReadonlyMap<
  Tensor,
  Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>
>;

/** A program on the test device, with its memory poisoned: what a kernel does not write stays NaN (or 0x7fc0dead). */
export async function runOnDevice(
  program: Program,
  inputs: Inputs,
  outputs: readonly Tensor[],
): Promise<ArrayBuffer[]> {
  const { device, capabilities } = await testDevice();
  const memory = new ModelMemory(device, capabilities);
  try {
    const { plan } = await compile(memory, { plan: program });
    poison(plan);
    for (const [tensor, values] of inputs) memory.write(tensor, encoded(tensor, values));
    plan.run();
    return await Promise.all(outputs.map((tensor) => plan.read(tensor)));
  } finally {
    memory.destroy();
  }
}

/** A quiet NaN as f32, and a number far outside any index. */
const POISON = 0x7fc0dead;

function poison(plan: Plan): void {
  for (const tensor of plan.program.tensors) {
    const buffer = plan.bufferOf(tensor);
    plan.memory.device.queue.writeBuffer(buffer, 0, new Uint32Array(buffer.size / 4).fill(POISON));
  }
}

/**
 * Run what was recorded on the device, twice in a row on the same bind groups with poisoned memory, and on the CPU by
 * the references; compare every output. States among the inputs are written again before the second run.
 */
export async function expectAgreement(
  rec: Recorder,
  references: Readonly<Record<string, Reference>>,
  inputs: Inputs,
  outputs: readonly Tensor[],
  tolerance: Tolerance = { abs: 1e-6, rel: 1e-6 },
): Promise<void> {
  for (const tensor of outputs) if (tensor.role === 'scratch') rec.keep(tensor);
  const program = rec.finish('test');
  const expected = interpret(program, references, new Map([...inputs].map(([t, values]) => [t.label, widen(values)])));
  const { device, capabilities } = await testDevice();
  const memory = new ModelMemory(device, capabilities);
  try {
    const { plan } = await compile(memory, { plan: program });
    for (const round of ['first', 'second']) {
      poison(plan);
      for (const [tensor, values] of inputs) memory.write(tensor, encoded(tensor, values));
      plan.run();
      for (const tensor of outputs) {
        const actual = typed(tensor, await plan.read(tensor));
        expectClose(`${tensor.label} (${round} run)`, actual, expected.get(tensor.storage)!, tolerance);
      }
    }
  } finally {
    memory.destroy();
  }
}

/** The values in the tensor's own type. */
function encoded(
  { dtype }: Tensor,
  values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
) {
  if (dtype === 'f16') return floatsToHalves(values);
  return dtype === 'i8' ? Int8Array.from(values) : values;
}

function widen(values: Float32Array | Int32Array | Uint32Array): Values {
  return values instanceof Float32Array ? Float64Array.from(values) : values.slice();
}

/** Bytes read from the device as numbers of the tensor's dtype. */
export function typed(tensor: Tensor, bytes: ArrayBuffer): Float32Array | Int32Array | Uint32Array {
  const length = sizeOf(tensor.shape);
  if (bytes.byteLength !== bytesOf(tensor)) throw new Error(`${tensor.label}: ${bytes.byteLength} bytes`);
  if (tensor.dtype === 'i32') return new Int32Array(bytes, 0, length);
  if (tensor.dtype === 'u32') return new Uint32Array(bytes, 0, length);
  if (tensor.dtype === 'f32') return new Float32Array(bytes, 0, length);
  if (tensor.dtype === 'f16') return Float32Array.from(new Uint16Array(bytes, 0, length), halfToFloat);
  throw new Error(`${tensor.label}: reading ${tensor.dtype} is not supported here`);
}

/** Throws with the worst element: name, index, both numbers, and the error in units of the tolerance. */
export function expectClose(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { abs, rel }: Tolerance,
): void {
  if (actual.length !== expected.length)
    throw new Error(`${name}: ${actual.length} values, expected ${expected.length}`);
  let worst = 0;
  let at = -1;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!;
    const e = expected[i]!;
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const units = Math.abs(a - e) / (abs + rel * Math.abs(e));
    if (!(units <= worst)) {
      worst = Number.isNaN(units) ? Infinity : units;
      at = i;
    }
  }
  if (worst > 1)
    throw new Error(`${name}[${at}] is ${actual[at]}, expected ${expected[at]}: ${worst.toFixed(2)} × the tolerance`);
}

/** Squared error over squared size: what rounding everything to f16 may leave of a result (engine.md). */
export function nmse(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i]! - expected[i]!) ** 2;
    size += expected[i]! ** 2;
  }
  return error / size;
}

/** engine.md: an f32 sum of `terms` products may differ by 1e-5 · √terms · max|a| · max|b|. */
export function sumTolerance(terms: number, a: ArrayLike<number>, b: ArrayLike<number>): Tolerance {
  return { abs: 1e-5 * Math.sqrt(terms) * maxAbs(a) * maxAbs(b), rel: 1e-6 };
}

export function maxAbs(values: ArrayLike<number>): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) max = Math.max(max, Math.abs(values[i]!));
  return max;
}
