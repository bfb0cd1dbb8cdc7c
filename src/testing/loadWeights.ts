import { readFileSync } from 'node:fs';
import { toF32 } from '../formats/dtypes.ts';
import { openFlaxCheckpoint } from '../formats/flaxMsgpack.ts';
import { memoryFile } from '../formats/ranged.ts';
import type { Program } from '../program/program.ts';
import { ingredientsOf, prepareWeight, type StoredTensor } from '../program/recipe.ts';
import type { Tensor } from '../program/tensor.ts';

/** Stored tensors by name, as the files hold them. */
export type WeightSource = ReadonlyMap<string, StoredTensor>;

/** What every weight of a program holds, made from its ingredients by its recipe. */
export function preparedWeights(program: Program, source: WeightSource): Map<Tensor, Float32Array<ArrayBuffer>> {
  const weights = program.tensors.filter(({ role }) => role === 'weight');
  return new Map(
    weights.map((weight) => {
      const recipe = program.recipes.get(weight.label)!;
      const parts = ingredientsOf(recipe).map((name) => {
        const part = source.get(name);
        if (part === undefined) throw new Error(`${weight.label}: no tensor ${name} among ${source.size}`);
        return part;
      });
      return [weight, Float32Array.from(prepareWeight(recipe, parts))];
    }),
  );
}

/**
 * A checkpoint golden/`path` in the official format, under the names and in the shapes that a model asks for
 * (core/weightShapes.ts): without `params/`, heads flattened.
 */
export async function officialWeights(
  path: string,
  shapes: ReadonlyMap<string, readonly number[]>,
): Promise<WeightSource> {
  const file = memoryFile(path, readFileSync(new URL(`../../golden/${path}`, import.meta.url)));
  const checkpoint = await openFlaxCheckpoint(file);
  const source = new Map<string, StoredTensor>();
  for (const [fullName, { dtype }] of checkpoint.tensors) {
    const name = fullName.replace(/^params\//, '');
    const shape = shapes.get(name);
    if (shape === undefined) throw new Error(`golden/${path}: ${fullName} is no weight of this configuration`);
    source.set(name, { shape, values: toF32(await checkpoint.read(fullName), dtype) });
  }
  return source;
}
