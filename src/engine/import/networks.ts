import type { ModelConfig } from '../../core/config.ts';
import { Failure } from '../../core/failure.ts';
import { weightShapes } from '../../core/weightShapes.ts';
import { elementCount } from '../../formats/dtypes.ts';
import { openCheckpoint, type Checkpoint, type WeightSource } from './checkpoint.ts';
import { inferConfig, type NetworkOptions } from './infer.ts';

/** The files of a model: one network or both. */
export interface NetworkFiles {
  readonly tokenizer?: WeightSource | undefined;
  readonly transformer?: WeightSource | undefined;
}

/**
 * Recognise the networks in files: their configuration, and, as the second step, where each of its weights lies.
 * @throws Failure BadFile naming file, tensor and shapes; BadRequest naming the option
 */
export async function openNetworks(
  files: NetworkFiles,
  options: NetworkOptions,
): Promise<{ readonly config: ModelConfig; readonly places: () => readonly WeightPlace[] }> {
  if (!files.tokenizer && !files.transformer) {
    throw new Failure('BadRequest', 'There is nothing to import, give --tokenizer, --transformer or both.');
  }
  const tokenizer = files.tokenizer && (await openCheckpoint(files.tokenizer, 'tokenizer'));
  const transformer = files.transformer && (await openCheckpoint(files.transformer, 'transformer'));
  const config = inferConfig({ tokenizer, transformer }, options);
  return { config, places: () => placesOf(config, { tokenizer, transformer }) };
}

/** A weight and where it comes from. */
export interface WeightPlace {
  readonly name: string;
  /** As we store it; the file may keep the heads apart. */
  readonly shape: readonly number[];
  /** Its values, finite and as many as the shape says. */
  readonly read: () => Promise<Float32Array<ArrayBuffer>>;
}

/** Where each weight of the configuration lies. Missing, extra and misshapen tensors are refused by name. */
function placesOf(
  config: ModelConfig,
  parts: { readonly tokenizer?: Checkpoint | undefined; readonly transformer?: Checkpoint | undefined },
): readonly WeightPlace[] {
  const { tokenizer, transformer, ...common } = config;
  const places: WeightPlace[] = [];
  for (const [checkpoint, wanted] of [
    [parts.transformer, transformer && { ...common, transformer }],
    [parts.tokenizer, tokenizer && { ...common, tokenizer }],
  ] as const) {
    if (checkpoint === undefined || wanted === undefined) continue;
    const shapes = weightShapes(wanted);
    for (const [name, shape] of checkpoint.shapes) {
      if (!shapes.has(name)) refuse(checkpoint, `tensor ${name} [${shape}] has no place in the official network`);
    }
    for (const [name, shape] of shapes) {
      checkShape(checkpoint, name, shape, transformer?.heads);
      places.push({ name, shape, read: () => readWhole(checkpoint, name, shape) });
    }
  }
  return places;
}

async function readWhole(
  checkpoint: Checkpoint,
  name: string,
  shape: readonly number[],
): Promise<Float32Array<ArrayBuffer>> {
  const values = await checkpoint.read(name);
  if (values.length === elementCount(shape)) return values;
  return refuse(checkpoint, `tensor ${name} holds ${values.length} values`);
}

function checkShape(checkpoint: Checkpoint, name: string, shape: readonly number[], heads: number | undefined): void {
  const found = checkpoint.shapes.get(name);
  if (found === undefined) return refuse(checkpoint, `tensor ${name} [${shape}] is missing`);
  const allowed = heads === undefined ? [shape] : [shape, apart(name, shape, heads)];
  if (allowed.some((each) => String(each) === String(found))) return;
  refuse(checkpoint, `tensor ${name} has shape [${found}], the configuration wants [${allowed.at(-1)!}]`);
}

/** The shape as Flax keeps it: [width, heads, headWidth] on the way in, [heads, headWidth, width] on the way out. */
function apart(name: string, shape: readonly number[], heads: number): readonly number[] {
  const part = /self_attention\/(\w+)\/(\w+)$/.exec(name);
  if (part === null) return shape;
  const width = shape.at(-1)!;
  const split = [heads, width / heads];
  if (part[1] === 'out') return part[2] === 'kernel' ? [...split, width] : shape;
  return part[2] === 'kernel' ? [width, ...split] : split;
}

function refuse({ fileName }: Checkpoint, cause: string): never {
  throw new Failure('BadFile', `${fileName}: ${cause}.`);
}
