import type { Stop } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import { floatsToHalves } from '../formats/half.ts';
import type { ModelMemory } from '../gpu/memory.ts';
import type { Program } from '../program/program.ts';
import { ingredientsOf, onlyMoves, prepareWeight, type StoredTensor, type WeightRecipe } from '../program/recipe.ts';
import { sizeOf, type Tensor } from '../program/tensor.ts';
import type { WeightReader } from './weights.ts';

/** Copies that wait in the driver's staging memory are let go after so many bytes. */
const BACK_PRESSURE_BYTES = 32 * 2 ** 20;

/** A weight and how it is made. */
interface Wanted {
  readonly tensor: Tensor;
  readonly recipe: WeightRecipe;
}

/** The weights of the programs, each once. */
export function wantedWeights(programs: readonly Program[]): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const { tensors, recipes } of programs) {
    for (const tensor of tensors) {
      if (tensor.role !== 'weight' || wanted.has(tensor.label)) continue;
      const recipe = recipes.get(tensor.label);
      if (recipe === undefined) throw new Failure('Internal', `weight ${tensor.label} has no recipe.`);
      wanted.set(tensor.label, { tensor, recipe });
    }
  }
  return [...wanted.values()];
}

/**
 * Whether a weight is made of its ingredients as they are stored: what is only moved about, and the phases of an int8
 * kernel, which are sums of whole numbers, kept as f16.
 */
function isMadeOfStored({ dtype }: Tensor, recipe: WeightRecipe, { stored }: WeightReader): boolean {
  if (dtype === 'f32' || stored === undefined) return false;
  const wanted = dtype === 'i8' || !onlyMoves(recipe) ? 'I8' : 'F16';
  return ingredientsOf(recipe).every((name) => stored.dtypeOf(name) === wanted);
}

/**
 * Read and prepare weights one at a time and hand them to the device, waiting for it now and then so that neither side
 * holds the model twice. `onBytes` counts the stored bytes.
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
  for (const { tensor, recipe } of wanted) {
    stop.throwIfAborted();
    const values = await valuesOf(tensor, recipe, files);
    memory.write(tensor, values);
    for (const name of ingredientsOf(recipe)) {
      if (!counted.has(name)) doneBytes += files.storedBytes(name);
      counted.add(name);
    }
    waitingBytes += values.byteLength;
    if (waitingBytes >= BACK_PRESSURE_BYTES) {
      await memory.device.queue.onSubmittedWorkDone();
      waitingBytes = 0;
    }
    onBytes(doneBytes);
  }
}

/** A weight in its own type. What is only moved about is never widened. */
async function valuesOf(
  tensor: Tensor,
  recipe: WeightRecipe,
  files: WeightReader,
): Promise<ArrayBufferView<ArrayBuffer>> {
  const isStored = isMadeOfStored(tensor, recipe, files);
  const reader = isStored ? files.stored! : files;
  const parts: StoredTensor[] = [];
  for (const name of ingredientsOf(recipe)) parts.push((await reader.read(name)) as StoredTensor);
  const values = prepareWeight(recipe, parts);
  if (values.length !== sizeOf(tensor.shape)) {
    const sizes = `${values.length} values, the program wants [${tensor.shape.join(', ')}]`;
    throw new Failure('Internal', `the recipe of weight ${tensor.label} makes ${sizes}.`);
  }
  const isReady = tensor.dtype !== 'f16' || (isStored && onlyMoves(recipe));
  return (isReady ? values : floatsToHalves(values)) as ArrayBufferView<ArrayBuffer>;
}
