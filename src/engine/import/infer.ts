import type { ModelConfig, TokenizerConfig, TransformerConfig, TransformerVariant } from '../../core/config.ts';
import { Failure } from '../../core/failure.ts';
import { shapeOf, type Checkpoint } from './checkpoint.ts';
import { contradict, countParts } from './counted.ts';
import { inferHalton, isHalton } from './inferHalton.ts';

/** What shapes cannot tell; what is left out takes the official code's value. */
export interface NetworkOptions {
  readonly heads?: number;
  readonly groups?: number;
  readonly codebook?: number;
  readonly gelu?: 'tanh' | 'erf';
  readonly groupEps?: number;
}

/** Codes of the official tokenizer, assumed for a transformer that comes without its own. */
const officialCodebook = 1024;
/** Groups of every group norm of the official tokenizers. */
const officialGroups = 32;
/** Pixels a token of the official tokenizers, assumed for a transformer that comes without its own. */
const officialCell = 16;
/** Side of the picture assumed for a tokenizer alone whose file name has no number. */
const officialSize = 256;

/**
 * The configuration of official checkpoints from the shapes of their tensors.
 * @throws Failure BadFile naming file, tensor and shapes; BadRequest naming an option that contradicts the file
 */
export function inferConfig(
  {
    tokenizer,
    transformer,
  }: { readonly tokenizer?: Checkpoint | undefined; readonly transformer?: Checkpoint | undefined },
  options: NetworkOptions,
): ModelConfig {
  const vq = tokenizer && inferTokenizer(tokenizer, options);
  const net = transformer && inferTransformer(transformer, options, vq?.codebook);
  const cell = vq ? 2 ** (vq.multipliers.length - 1) : officialCell;
  const side = transformer ? gridSide(transformer) : Math.round(sizeFromName(tokenizer!.fileName, cell) / cell);
  return {
    image: { size: side * cell, pixelArt: false },
    grid: { rows: side, cols: side },
    ...(vq && { tokenizer: vq }),
    ...(net && { transformer: net }),
  };
}

function inferTokenizer(checkpoint: Checkpoint, options: NetworkOptions): TokenizerConfig {
  const [codebook, embedding] = shapeOf(checkpoint, 'quantizer/codebook', 2) as [number, number];
  contradict('--codebook', options.codebook, codebook, checkpoint);
  const filters = shapeOf(checkpoint, 'encoder/Conv_0/kernel', 4)[3]!;
  // The decoder has one conv before its levels, one between two of them, and one behind.
  const levels = countParts(checkpoint, /^decoder\/Conv_(\d+)\//) - 1;
  const { variant } = checkpoint;
  const resBlocks = blocksALevel(checkpoint, 'encoder', levels);
  const decoderBlocks = variant.attention ? blocksALevel(checkpoint, 'decoder', levels) : resBlocks;
  const multipliers = Array.from({ length: levels }, (_, level) => {
    const name = `encoder/ResBlock_${level * resBlocks}/Conv_1/kernel`;
    const channels = shapeOf(checkpoint, name, 4)[3]!;
    if (channels % filters === 0) return channels / filters;
    throw new Failure(
      'BadFile',
      `${checkpoint.fileName}: the ${channels} channels of ${name} are no multiple of ${filters}.`,
    );
  });
  return {
    filters,
    multipliers,
    resBlocks,
    groups: groupsOf(options.groups, filters, checkpoint),
    groupEps: options.groupEps ?? 1e-6,
    embedding,
    codebook,
    ...(decoderBlocks !== resBlocks && { decoderBlocks }),
    ...(checkpoint.shapes.has('quantizer/Conv_in/kernel') && {
      latentWidth: shapeOf(checkpoint, 'quantizer/Conv_in/kernel', 4)[2]!,
    }),
    ...variant,
  };
}

/** Residual blocks of each level of a side: beside those of the middle, two around an attention or as many as a level. */
function blocksALevel(checkpoint: Checkpoint, side: 'encoder' | 'decoder', levels: number): number {
  const blocks = countParts(checkpoint, new RegExp(`^${side}/ResBlock_(\\d+)/`));
  const each = checkpoint.variant.attention ? (blocks - 2) / levels : blocks / (levels + 1);
  if (levels >= 1 && Number.isInteger(each) && each >= 1) return each;
  const cause = `${blocks} ${side} blocks do not spread over ${levels} levels and the middle`;
  throw new Failure('BadFile', `${checkpoint.fileName}: it is not an official tokenizer, ${cause}.`);
}

/** What was said, or the official 32; no shape tells another number. */
function groupsOf(wanted: number | undefined, filters: number, { fileName }: Checkpoint): number {
  const groups = wanted ?? officialGroups;
  if (filters % groups === 0) return groups;
  const cause = `its ${filters} channels are not made of ${groups} groups`;
  throw new Failure('BadRequest', `${fileName}: ${cause}, say how many groups its norms have with --groups.`);
}

function inferTransformer(
  checkpoint: Checkpoint,
  options: NetworkOptions,
  tokenizerCodebook: number | undefined,
): TransformerConfig {
  if (isHalton(checkpoint)) return inferHalton(checkpoint, options);
  const [vocabulary, width] = shapeOf(checkpoint, 'Embed_0/word_embeddings/embedding', 2) as [number, number];
  const mlp = shapeOf(checkpoint, 'TransformerLayer_0/Mlp_0/intermediate_output/kernel', 2)[1]!;
  const codebook = tokenizerCodebook ?? options.codebook ?? checkpoint.hints.codebook ?? officialCodebook;
  const said = checkpoint.hints.codebook;
  if (tokenizerCodebook !== undefined && said !== undefined && said !== tokenizerCodebook) {
    const cause = `its configuration says ${said} codes, the tokenizer has ${tokenizerCodebook}`;
    throw new Failure('BadFile', `${checkpoint.fileName}: ${cause}; choose the tokenizer it was trained with.`);
  }
  const { layerEps, gelu, nullClass } = checkpoint.untold;
  const classes = vocabulary - codebook - (nullClass ? 2 : 1);
  if (classes < 1) {
    const cause = `${checkpoint.fileName}: its vocabulary of ${vocabulary} leaves no class beside ${codebook} codes and the mask`;
    if (tokenizerCodebook === undefined) {
      throw new Failure('BadRequest', `${cause}, say how many codes there are with --codebook.`);
    }
    throw new Failure('BadFile', `${cause}; choose the tokenizer it was trained with.`);
  }
  return {
    width,
    layers: countParts(checkpoint, /^TransformerLayer_(\d+)\//),
    heads: inferHeads(checkpoint, options.heads),
    mlp,
    codebook,
    classes,
    nullClass,
    layerEps: checkpoint.hints.layerEps ?? layerEps,
    gelu: options.gelu ?? gelu,
    ...variantOf(checkpoint),
  };
}

/** What is known of this kind of transformer, and what the names of its tensors add. */
function variantOf({ untold, shapes }: Checkpoint): TransformerVariant {
  const hasQkvBias = shapes.has('TransformerLayer_0/Attention_0/self_attention/query/bias');
  const hasSkips = [...shapes.keys()].some((name) => name.endsWith('/skip/kernel'));
  return { ...untold.variant, ...(hasSkips && { longSkips: true }), ...(!hasQkvBias && { qkvBias: false }) };
}

/** Flax keeps the heads apart, [width, heads, headWidth]; where they are flattened somebody must say. */
function inferHeads(checkpoint: Checkpoint, wanted: number | undefined): number {
  const name = 'TransformerLayer_0/Attention_0/self_attention/query/kernel';
  if (checkpoint.shapes.get(name)?.length === 2) {
    const width = shapeOf(checkpoint, name, 2)[1]!;
    const heads = wanted ?? checkpoint.hints.heads ?? checkpoint.untold.heads.get(width);
    if (heads !== undefined && width % heads === 0) return heads;
    const cause =
      heads === undefined ? 'its heads are flattened' : `its width of ${width} is not made of ${heads} heads`;
    throw new Failure('BadRequest', `${checkpoint.fileName}: ${cause}, say how many with --heads.`);
  }
  const heads = shapeOf(checkpoint, name, 3)[1]!;
  contradict('--heads', wanted, heads, checkpoint);
  return heads;
}

function gridSide(checkpoint: Checkpoint): number {
  const classRows = isHalton(checkpoint) ? 0 : 1;
  const positions = shapeOf(checkpoint, 'Embed_0/position_embeddings/embedding', 2)[0]! - classRows;
  const side = Math.sqrt(positions);
  if (Number.isInteger(side) && side > 0) return side;
  throw new Failure('BadFile', `${checkpoint.fileName}: its ${positions} positions are not a square token grid.`);
}

/** The 256 of `tokenizer_imagenet256_checkpoint`: the shapes of a tokenizer do not tell the size of its pictures. */
function sizeFromName(fileName: string, cell: number): number {
  const numbers = [...fileName.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  return numbers.findLast((size) => size >= 32 && size <= 4096 && size % cell === 0) ?? officialSize;
}
