import f16Source from '#shaders/lib/weights/f16.wgsl?raw';
import f32Source from '#shaders/lib/weights/f32.wgsl?raw';
import int8Source from '#shaders/lib/weights/int8.wgsl?raw';
import { defineKernel, type Kernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { ingredientsOf, scaleRecipe, type WeightRecipe } from '../program/recipe.ts';
import type { Dtype, Tensor } from '../program/tensor.ts';

/** A matrix as a product reads it. */
export interface Matrix {
  /** f32, or four columns packed: f16, i8. */
  readonly weight: Tensor;
  /** [columns] f32: what the sums of an i8 weight's columns are multiplied by. */
  readonly columnScale?: Tensor;
}

type StoredDtype = Extract<Dtype, 'f32' | 'f16' | 'i8'>;
const pieces: Readonly<Record<StoredDtype, string>> = { f32: f32Source, f16: f16Source, i8: int8Source };

/**
 * A product once for each way in which its weights may be stored; the WGSL calls `widen` and multiplies by `weightUnit`.
 *
 * @param enables directives, which must come before everything else
 */
export function forStoredWeights<B extends string, P extends string, C extends string = never>(
  kernel: Parameters<typeof defineKernel<B, P, C>>[0],
  enables = '',
): (weight: Tensor) => Kernel<B, P, C> {
  const of = (dtype: StoredDtype): Kernel<B, P, C> =>
    defineKernel({
      ...kernel,
      name: dtype === 'f32' ? kernel.name : `${kernel.name}.${dtype}`,
      formula: kernel.formula ?? kernel.name,
      source: enables + pieces[dtype] + kernel.source,
    });
  const kernels = { f32: of('f32'), f16: of('f16'), i8: of('i8') };
  return ({ dtype, label }) => {
    if (dtype === 'f32' || dtype === 'f16' || dtype === 'i8') return kernels[dtype];
    throw new Error(`${label} is ${dtype}; weights of a product are f32, f16 or i8`);
  };
}

/** What a product may be without. */
interface Optional {
  readonly columnScale?: Tensor | undefined;
  readonly bias?: Tensor | undefined;
  readonly residual?: Tensor | undefined;
}

/** Every binding needs a buffer: what is absent is bound to the weight, and the flags keep the kernel from reading it. */
export function optionalParts(weight: Tensor, { columnScale, bias, residual }: Optional) {
  return {
    bound: { columnScale: columnScale ?? weight, bias: bias ?? weight, residual: residual ?? weight },
    flags: { isScaled: columnScale ? 1 : 0, hasBias: bias ? 1 : 0, hasResidual: residual ? 1 : 0 },
  };
}

/**
 * Ask for a matrix that only products read, in the type in which the model's files hold it: nothing is lost, and
 * nothing is widened that need not be. The last axis is the columns; it is packed only where they come in fours.
 *
 * @param isFine at least f16: int8 models may or may not have it as int8
 */
export function matrix(
  rec: Recorder,
  name: string,
  shape: readonly number[],
  recipe: WeightRecipe = { kind: 'stored', name },
  isFine = false,
): Matrix {
  const { weights = 'f32' } = rec.capabilities;
  const columns = shape.at(-1)!;
  if (weights === 'f32' || columns % 4 !== 0) return { weight: rec.weight(name, shape, recipe) };
  // As int8 models are stored: what is no kernel is f16.
  const isInt8 = weights === 'int8' && !isFine && ingredientsOf(recipe).every((part) => part.endsWith('/kernel'));
  // Sums of up to four whole numbers, exact in f16.
  const dtype = isInt8 && recipe.kind !== 'upsamplePhases' ? 'i8' : 'f16';
  const weight = rec.weight(name, shape, recipe, dtype);
  if (!isInt8) return { weight };
  return { weight, columnScale: rec.weight(`${name}.scale`, [columns], scaleRecipe(recipe)) };
}
