import type { Stop } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import type { ModelMemory } from '../gpu/memory.ts';
import type { Program } from '../program/program.ts';
import { ingredientsOf, prepareWeight, type StoredTensor } from '../program/recipe.ts';
import { sizeOf, type Tensor } from '../program/tensor.ts';
import type { WeightReader } from './weights.ts';

/** Copies that wait in the driver's staging memory are let go after so many bytes. */
const BACK_PRESSURE_BYTES = 32 * 2 ** 20;

/** Where a weight goes and how it is made. */
interface Wanted {
  readonly tensor: Tensor;
  readonly ingredients: readonly string[];
  readonly make: (parts: readonly StoredTensor[]) => Float32Array<ArrayBuffer>;
}

/** The weights of the programs, each once. */
export function wantedWeights(programs: readonly Program[]): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const { tensors, recipes } of programs) {
    for (const tensor of tensors) {
      if (tensor.role !== 'weight' || wanted.has(tensor.label)) continue;
      const recipe = recipes.get(tensor.label);
      if (recipe === undefined) throw new Failure('Internal', `weight ${tensor.label} has no recipe.`);
      const make = (parts: readonly StoredTensor[]): Float32Array<ArrayBuffer> => {
        const values = prepareWeight(recipe, parts);
        if (values.length !== sizeOf(tensor.shape)) {
          const sizes = `${values.length} values, the program wants [${tensor.shape.join(', ')}]`;
          throw new Failure('Internal', `the recipe of weight ${tensor.label} makes ${sizes}.`);
        }
        return values as Float32Array<ArrayBuffer>;
      };
      wanted.set(tensor.label, { tensor, ingredients: ingredientsOf(recipe), make });
    }
  }
  return [...wanted.values()];
}

/**
 * Read, widen and prepare weights one at a time and hand them to the device, waiting for it now and then so that
 * neither side holds the model twice. `onBytes` counts the stored bytes.
 */
export async function uploadWeights(
  memory: ModelMemory,
  files: WeightReader,
  wanted: readonly Wanted[],
  stop: Stop,
  onBytes: (doneBytes: number) => void = () => {},
): Promise<void> {
  const counted = new Set<string>();
  let doneBytes = 0;
  let waitingBytes = 0;
  for (const { tensor, ingredients, make } of wanted) {
    stop.throwIfAborted();
    const parts: StoredTensor[] = [];
    for (const name of ingredients) {
      parts.push(await files.read(name));
      if (!counted.has(name)) doneBytes += files.storedBytes(name);
      counted.add(name);
    }
    const values = make(parts);
    memory.write(tensor, values);
    waitingBytes += values.byteLength;
    if (waitingBytes >= BACK_PRESSURE_BYTES) {
      await memory.device.queue.onSubmittedWorkDone();
      waitingBytes = 0;
    }
    onBytes(doneBytes);
  }
}
