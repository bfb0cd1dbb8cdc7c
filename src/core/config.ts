import type { Grid } from './grid.ts';

/**
 * The VQGAN of the paper (encoder, codebook, decoder): `filters · multipliers[i]` channels at level i, level 0 at
 * full resolution, `resBlocks` residual blocks a level, every level but the last halving the side.
 */
export interface TokenizerConfig extends TokenizerVariant {
  readonly filters: number;
  readonly multipliers: readonly number[];
  readonly resBlocks: number;
  /** Groups of every group norm, and its epsilon (1e-6 in the official code). */
  readonly groups: number;
  readonly groupEps: number;
  /** Width of a codebook entry, and the number of entries. */
  readonly embedding: number;
  readonly codebook: number;
}

/** What others made differently in a VQGAN; absent, each is as in the official code. */
export interface TokenizerVariant {
  /** Residual blocks of a level of the decoder; absent: `resBlocks`. */
  readonly decoderBlocks?: number;
  /** Width in front of and behind the codebook, where 1 × 1 convolutions lead to `embedding` and back. */
  readonly latentWidth?: number;
  /** Attention behind every block of the lowest level; the middle is block, attention, block instead of `resBlocks`. */
  readonly attention?: boolean;
  /** Whether the encoder's first convolution and those of the blocks have biases. */
  readonly blockBiases?: boolean;
  /** What the 1 × 1 shortcut of a block that changes its channels works on: officially the block's own output. */
  readonly shortcut?: 'output' | 'input';
  /** How a level's side is halved: means of 2 × 2 pixels, or a convolution of stride 2. */
  readonly downsample?: 'average' | 'convolution';
  /** Side of the kernel of the encoder's last convolution. */
  readonly latentKernel?: 1 | 3;
  /** Whether latents and codebook entries are brought to length 1 before they are compared and looked up. */
  readonly unitEntries?: boolean;
  /** Values of a picture inside the network: from 0 or from −1 to 1. Outside they are from 0 to 1. */
  readonly imageRange?: 'unsigned' | 'signed';
}

/** The bidirectional transformer of the paper: norms behind the sums, one class token in front of the grid's positions. */
export interface TransformerConfig extends TransformerVariant {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width of the hidden layer of the MLP. */
  readonly mlp: number;
  /** Number of codes the logits range over (the tokenizer's codebook). */
  readonly codebook: number;
  readonly classes: number;
  /** Whether there is an embedding of "no class" behind those of the classes (needed for guidance). */
  readonly nullClass: boolean;
  /** Epsilon of every norm (1e-12 in the official code). */
  readonly layerEps: number;
  readonly gelu: 'tanh' | 'erf';
  /**
   * Tokens are drawn one by one, row by row, each from those before it: the causal baseline of train/. Absent: all at
   * once, again and again (MaskGIT).
   */
  readonly order?: 'raster';
}

/** What others made differently in a transformer; absent, each is as in the official code. */
export interface TransformerVariant {
  /**
   * Where the norms of a layer stand: `post` behind the sum with the residual; `pre` in front of attention and MLP
   * (Xiong et al. 2020), with one more in front of the head; `adaptive` like `pre`, but root-mean-square norms that the
   * class shifts, scales and gates (adaLN-zero of Peebles and Xie 2023), so that the class is no token of the sequence
   * and has embeddings of its own.
   */
  readonly placement?: 'post' | 'pre' | 'adaptive';
  /** Where the class stands in a sequence: officially in front of the grid. */
  readonly classToken?: 'first' | 'last';
  /** Which row of the word embeddings the mask has: officially the last, else the one behind the codes. */
  readonly maskRow?: 'last' | 'afterCodes';
  /** Whether the embeddings pass a hidden layer of the same width, with a norm of its own, before the first layer. */
  readonly embeddingMlp?: boolean;
  /** Epsilon of the norms of the embeddings, and of those of the head, where they are not `layerEps`. */
  readonly embeddingEps?: number;
  readonly headEps?: number;
  /** Whether the logits of every position have biases of their own. */
  readonly positionBias?: boolean;
  /**
   * Whether layer l of the second half also reads what its mirror image in the first half gave out, last come first
   * served, around the one in the middle (U-ViT, Bao et al. 2023).
   */
  readonly longSkips?: boolean;
  /** `swiglu`: silu(gate) · hidden, without biases (Shazeer 2020). */
  readonly feedForward?: 'gelu' | 'swiglu';
  /** Whether query and key are divided by their root mean squares over all heads. */
  readonly queryKeyNorm?: boolean;
  /** Whether the products of the attention have biases. */
  readonly attentionBias?: boolean;
  /** Whether those that make query, key and value have; absent: as `attentionBias` says. */
  readonly qkvBias?: boolean;
  /** Width of a head where it is not width / heads. */
  readonly headWidth?: number;
  /** Learned rows behind the grid's that stand for no token. */
  readonly registers?: number;
}

export interface ModelConfig {
  readonly image: { readonly size: number; readonly pixelArt: boolean };
  readonly grid: Grid;
  /** Absent in a model that holds a transformer only. */
  readonly tokenizer?: TokenizerConfig;
  /** Absent in a model that holds a tokenizer only. */
  readonly transformer?: TransformerConfig;
}
