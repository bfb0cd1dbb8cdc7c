import type { Grid } from './grid.ts';

/**
 * The VQGAN of the paper (encoder, codebook, decoder): `filters · multipliers[i]` channels at level i, level 0 at
 * full resolution, `resBlocks` residual blocks a level, every level but the last halving the side.
 */
export interface TokenizerConfig {
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

/** The bidirectional post-norm transformer of the paper; one class token in front of the grid's positions. */
export interface TransformerConfig {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width of the hidden layer of the MLP. */
  readonly mlp: number;
  /** Number of codes the logits range over (the tokenizer's codebook). */
  readonly codebook: number;
  readonly classes: number;
  /** Whether a row "no class" follows the classes in the vocabulary (needed for guidance). */
  readonly nullClass: boolean;
  /** Epsilon of every layer norm (1e-12 in the official code). */
  readonly layerEps: number;
  readonly gelu: 'tanh' | 'erf';
}

export interface ModelConfig {
  readonly image: { readonly size: number; readonly pixelArt: boolean };
  readonly grid: Grid;
  /** Absent in a model that holds a transformer only. */
  readonly tokenizer?: TokenizerConfig;
  /** Absent in a model that holds a tokenizer only. */
  readonly transformer?: TransformerConfig;
}
