import type { ModelConfig } from '../core/config.ts';

/** The official networks (google-research/maskgit) for pictures of this many pixels a side: 256 or 512. */
export function officialConfig(size: number): Required<Pick<ModelConfig, 'tokenizer' | 'transformer'>> & ModelConfig {
  return {
    image: { size, pixelArt: false },
    grid: { rows: size / 16, cols: size / 16 },
    tokenizer: {
      filters: 128,
      multipliers: [1, 1, 2, 2, 4],
      resBlocks: 2,
      groups: 32,
      groupEps: 1e-6,
      embedding: 256,
      codebook: 1024,
    },
    transformer: {
      width: 768,
      layers: 24,
      heads: 16,
      mlp: 3072,
      codebook: 1024,
      classes: 1000,
      nullClass: false,
      layerEps: 1e-12,
      gelu: 'tanh',
    },
  };
}
