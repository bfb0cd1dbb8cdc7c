import type { Program } from './program.ts';
import { sizeOf, type Dtype } from './tensor.ts';

/** Values of a tensor on the CPU: doubles for floats, so that a reference is the truth that a kernel is measured by. */
export type Values = Float64Array | Int32Array | Uint32Array;

/** A kernel's formula in doubles: writes every element of its outputs. */
export type Reference = (
  tensors: Readonly<Record<string, Values>>,
  params: Readonly<Record<string, number>>,
  constants: Readonly<Record<string, number>>,
) => void;

/** Fresh values of a dtype; floats are NaN, so that an element which nobody wrote is seen. */
export function emptyValues(dtype: Dtype, shape: readonly number[]): Values {
  const size = sizeOf(shape);
  if (dtype === 'i32') return new Int32Array(size);
  if (dtype === 'u32') return new Uint32Array(size);
  return new Float64Array(size).fill(Number.NaN);
}

/**
 * Run a program on the CPU by the references of its kernels. `inputs` holds weights and states by label; states are
 * updated in place. Returns all values by storage.
 */
export function interpret(
  program: Program,
  references: Readonly<Record<string, Reference>>,
  inputs: ReadonlyMap<string, Values>,
): Map<number, Values> {
  const values = new Map<number, Values>();
  for (const tensor of program.tensors) {
    const given = tensor.role === 'scratch' ? undefined : inputs.get(tensor.label);
    if (tensor.role === 'weight' && given === undefined) throw new Error(`no values for weight ${tensor.label}`);
    values.set(tensor.storage, given ?? emptyValues(tensor.dtype, tensor.shape));
  }
  for (const { kernel, tensors, params, constants } of program.calls) {
    const reference = references[kernel.formula ?? kernel.name];
    if (reference === undefined) throw new Error(`no reference for kernel ${kernel.formula ?? kernel.name}`);
    const bound = Object.entries(tensors).map(([name, t]) => [name, values.get(t.storage)!] as const);
    reference(Object.fromEntries(bound), params, constants);
  }
  return values;
}
