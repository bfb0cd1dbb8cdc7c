import { Failure } from '../core/failure.ts';
import type { Grid } from '../core/grid.ts';
import type { ExplicitNoise } from '../core/request.ts';
import type { StepRecord } from '../engine/generate.ts';
import { toF32, toI32, type Dtype } from '../formats/dtypes.ts';
import { openSafetensors, type Safetensors } from '../formats/safetensors.ts';
import { tensorOut, writeSafetensors, type TensorOut } from '../formats/writeSafetensors.ts';
import { withFile, writeWhole } from './files.ts';

/** Tensors of a run in the names and shapes that docs and scripts rely on, one row for each executed step. */
export function stepTensors(steps: readonly StepRecord[]): readonly TensorOut[] {
  const runs = steps.length;
  const positions = steps[0]?.tokens.length ?? 0;
  const ints = (pick: (step: StepRecord) => Int32Array): Int32Array => joined(Int32Array, steps.map(pick), positions);
  const floats = (pick: (step: StepRecord) => Float32Array): Float32Array =>
    joined(Float32Array, steps.map(pick), positions);
  return [
    tensorOut(
      'tokens',
      [runs, positions],
      ints(({ tokens }) => tokens),
    ),
    tensorOut(
      'guess',
      [runs, positions],
      ints(({ guess }) => guess),
    ),
    tensorOut(
      'logProb',
      [runs, positions],
      floats(({ logProb }) => logProb),
    ),
    tensorOut(
      'confidence',
      [runs, positions],
      floats(({ confidence }) => confidence),
    ),
    tensorOut(
      'maskCount',
      [runs],
      Int32Array.from(steps, ({ maskCount }) => maskCount),
    ),
  ];
}

function joined<T extends Int32Array | Float32Array>(
  type: new (length: number) => T,
  rows: readonly (Int32Array | Float32Array)[],
  length: number,
): T {
  const all = new type(rows.length * length);
  rows.forEach((row, i) => all.set(row, i * length));
  return all;
}

/** [rows, cols] i32 */
export function gridTensor(name: string, { rows, cols }: Grid, tokens: Int32Array): TensorOut {
  return tensorOut(name, [rows, cols], tokens);
}

/** [size, size, 3] f32, or without the 3 for one value a pixel. */
export function imageTensor(name: string, size: number, values: Float32Array): TensorOut {
  return tensorOut(name, values.length === size * size ? [size, size] : [size, size, 3], values);
}

export async function writeTrace(path: string, tensors: readonly TensorOut[]): Promise<void> {
  await writeWhole(path, writeSafetensors(tensors));
}

/** Read `drawNoise` [runs, positions, codebook] and `choiceNoise` [runs, positions]. @throws Failure BadFile */
export async function readNoise(
  path: string,
  sizes: { runs: number; positions: number; codebook: number },
): Promise<ExplicitNoise> {
  const { runs, positions, codebook } = sizes;
  return withFile(path, async (file) => {
    const tensors = await openSafetensors(file);
    const read = async (name: string, shape: readonly number[]): Promise<Float32Array> => {
      const entry = entryOf(tensors, name, 'F32');
      if (String(entry.shape) !== String(shape)) {
        throw new Failure('BadFile', `${path}: ${name} has shape [${entry.shape}], this run wants [${shape}].`);
      }
      const values = toF32(await tensors.read(name), 'F32');
      const index = values.findIndex((value) => Number.isNaN(value));
      if (index >= 0) throw new Failure('BadFile', `${path}: ${name} holds NaN at index ${index}.`);
      return values;
    };
    return {
      drawNoise: await read('drawNoise', [runs, positions, codebook]),
      choiceNoise: await read('choiceNoise', [runs, positions]),
    };
  });
}

/** Read `tokens` i32 in whatever shape. @throws Failure BadFile */
export async function readTokens(path: string): Promise<{ shape: readonly number[]; tokens: Int32Array<ArrayBuffer> }> {
  return withFile(path, async (file) => {
    const tensors = await openSafetensors(file);
    const { shape } = entryOf(tensors, 'tokens', 'I32');
    return { shape, tokens: toI32(await tensors.read('tokens')) };
  });
}

function entryOf(tensors: Safetensors, name: string, dtype: Dtype): { readonly shape: readonly number[] } {
  const entry = tensors.entries.get(name);
  if (entry === undefined) {
    const names = [...tensors.entries.keys()].slice(0, 10).join(', ');
    throw new Failure('BadFile', `${tensors.name}: there is no tensor ${name}; it holds ${names || 'none'}.`);
  }
  if (entry.dtype === dtype) return entry;
  throw new Failure('BadFile', `${tensors.name}: ${name} is ${entry.dtype}, it must be ${dtype}.`);
}
