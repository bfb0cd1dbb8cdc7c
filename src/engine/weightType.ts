import type { ModelManifest } from '../core/manifest.ts';
import { weightShapes } from '../core/weightShapes.ts';
import { dtypeBytes, type Dtype } from '../formats/dtypes.ts';
import type { WeightType } from '../program/capabilities.ts';
import type { Program } from '../program/program.ts';
import { ingredientsOf, onlyMoves } from '../program/recipe.ts';
import { sizeOf } from '../program/tensor.ts';
import { wantedWeights } from './upload.ts';
import type { WeightReader } from './weights.ts';

const types: readonly WeightType[] = ['f32', 'f16', 'int8'];

/**
 * How a model's files hold its matrices, told by their size: pipelines are compiled while the files are still on their
 * way. Once they are there, `holdAsRecorded` says whether it is so.
 */
export function weightTypeOf({ config, shards }: ModelManifest): WeightType {
  const sizeBytes = shards.reduce((sum, shard) => sum + shard.sizeBytes, 0);
  const distance = (type: WeightType): number => Math.abs(bytesAs(type, weightShapes(config)) - sizeBytes);
  return types.reduce((best, type) => (distance(type) < distance(best) ? type : best));
}

/** Whether the files hold the weights of these programs, recorded for `type`, so that they can be kept like that. */
export function holdAsRecorded({ stored }: WeightReader, type: WeightType, programs: readonly Program[]): boolean {
  return wantedWeights(programs).every(({ tensor, recipe }) => {
    if (tensor.dtype === 'f32') return true; // whatever it is, it is widened
    const mayBe: readonly (Dtype | undefined)[] =
      tensor.dtype === 'i8' || (type === 'int8' && !onlyMoves(recipe))
        ? ['I8']
        : type === 'int8'
          ? ['F16', 'I8']
          : ['F16'];
    return ingredientsOf(recipe).every((name) => mayBe.includes(stored?.dtypeOf(name)));
  });
}

/** As the importer stores a weight: vectors in f32, of int8 models the kernels only. */
function dtypeAs(type: WeightType, name: string, axes: number): 'F32' | 'F16' | 'I8' {
  if (type === 'f32' || axes < 2) return 'F32';
  return type === 'int8' && name.endsWith('/kernel') ? 'I8' : 'F16';
}

function bytesAs(type: WeightType, shapes: ReadonlyMap<string, readonly number[]>): number {
  let bytes = 0;
  for (const [name, shape] of shapes) {
    const dtype = dtypeAs(type, name, shape.length);
    bytes += dtypeBytes[dtype] * sizeOf(shape) + (dtype === 'I8' ? 4 * shape.at(-1)! : 0);
  }
  return bytes;
}
