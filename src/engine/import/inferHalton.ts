import type { TransformerConfig } from '../../core/config.ts';
import { Failure } from '../../core/failure.ts';
import { shapeOf, type Checkpoint } from './checkpoint.ts';
import { contradict, countParts } from './counted.ts';
import type { NetworkOptions } from './infer.ts';

/** Whether these are the weights of a Halton-MaskGIT: its classes are no words. */
export function isHalton(checkpoint: Checkpoint): boolean {
  return checkpoint.shapes.has('Embed_0/class_embeddings/embedding');
}

/**
 * The configuration of a Halton-MaskGIT transformer; all but the heads can be read off the shapes.
 * @throws Failure BadFile naming file, tensor and shapes; BadRequest naming an option
 */
export function inferHalton(checkpoint: Checkpoint, options: NetworkOptions): TransformerConfig {
  const [vocabulary, width] = shapeOf(checkpoint, 'Embed_0/word_embeddings/embedding', 2) as [number, number];
  const codebook = vocabulary - 1; // the mask
  contradict('--codebook', options.codebook, codebook, checkpoint);
  const self = 'TransformerLayer_0/Attention_0/self_attention/query/kernel';
  const inner = shapeOf(checkpoint, self, 2)[1]!;
  const { variant, layerEps, gelu, nullClass, heads: published } = checkpoint.untold;
  const heads = options.heads ?? published.get(width);
  if (heads === undefined) {
    throw new Failure('BadRequest', `${checkpoint.fileName}: its heads are flattened, say how many with --heads.`);
  }
  const headWidth = Math.floor(width / heads);
  if (heads * headWidth !== inner) {
    const cause = `its ${inner} columns of query, key and value are not ${heads} heads of ${headWidth}`;
    throw new Failure('BadRequest', `${checkpoint.fileName}: ${cause}, say how many there are with --heads.`);
  }
  const registers = 'Embed_0/register_embeddings/embedding';
  return {
    width,
    layers: countParts(checkpoint, /^TransformerLayer_(\d+)\//),
    heads,
    mlp: shapeOf(checkpoint, 'TransformerLayer_0/Mlp_0/intermediate_output/kernel', 2)[1]!,
    codebook,
    classes: shapeOf(checkpoint, 'Embed_0/class_embeddings/embedding', 2)[0]! - 1, // "no class"
    nullClass,
    layerEps,
    gelu,
    ...variant,
    headWidth,
    registers: checkpoint.shapes.has(registers) ? shapeOf(checkpoint, registers, 2)[0]! : 0,
  };
}
