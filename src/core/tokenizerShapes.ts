import type { TokenizerConfig } from './config.ts';

type Shapes = Map<string, readonly number[]>;

/** Every weight of a VQGAN: codebook, decoder, encoder; by the official names where the thing is the same. */
export function tokenizerShapes(config: TokenizerConfig): Shapes {
  const { codebook, embedding, latentWidth } = config;
  const shapes: Shapes = new Map([['quantizer/codebook', [codebook, embedding]]]);
  if (latentWidth !== undefined) {
    addConv(shapes, 'quantizer/Conv_in', { size: 1, channels: latentWidth, out: embedding });
    addConv(shapes, 'quantizer/Conv_out', { size: 1, channels: embedding, out: latentWidth });
  }
  addDecoder(shapes, config);
  addEncoder(shapes, config);
  return shapes;
}

function addDecoder(shapes: Shapes, config: TokenizerConfig): void {
  const { filters, multipliers, resBlocks, decoderBlocks = resBlocks, latentWidth = config.embedding } = config;
  const levels = multipliers.length;
  const deepest = filters * multipliers.at(-1)!;
  addConv(shapes, 'decoder/Conv_0', { size: 3, channels: latentWidth, out: deepest });
  const blocks = new Blocks(shapes, 'decoder', config, deepest);
  blocks.addMiddle();
  for (let level = levels - 1; level >= 0; level--) {
    const out = filters * multipliers[level]!;
    blocks.addLevel(decoderBlocks, out, level === levels - 1);
    if (level > 0) addConv(shapes, `decoder/Conv_${levels - level}`, { size: 3, channels: out, out });
  }
  addNorm(shapes, 'decoder/GroupNorm_0', filters * multipliers[0]!);
  addConv(shapes, `decoder/Conv_${levels}`, { size: 3, channels: filters * multipliers[0]!, out: 3 });
}

function addEncoder(shapes: Shapes, config: TokenizerConfig): void {
  const { filters, multipliers, resBlocks, downsample, blockBiases = false } = config;
  const { latentWidth = config.embedding, latentKernel = 1 } = config;
  const levels = multipliers.length;
  addConv(shapes, 'encoder/Conv_0', { size: 3, channels: 3, out: filters }, blockBiases);
  const blocks = new Blocks(shapes, 'encoder', config, filters);
  for (let level = 0; level < levels; level++) {
    const out = filters * multipliers[level]!;
    blocks.addLevel(resBlocks, out, level === levels - 1);
    if (downsample === 'convolution' && level < levels - 1) {
      addConv(shapes, `encoder/Downsample_${level}`, { size: 3, channels: out, out });
    }
  }
  blocks.addMiddle();
  const deepest = filters * multipliers.at(-1)!;
  addNorm(shapes, 'encoder/GroupNorm_0', deepest);
  addConv(shapes, 'encoder/Conv_1', { size: latentKernel, channels: deepest, out: latentWidth });
}

/** The residual and attention blocks of a side, numbered as they come. */
class Blocks {
  readonly #shapes: Shapes;
  readonly #side: string;
  readonly #config: TokenizerConfig;
  #channels: number;
  #residual = 0;
  #attention = 0;

  constructor(shapes: Shapes, side: 'encoder' | 'decoder', config: TokenizerConfig, channels: number) {
    this.#shapes = shapes;
    this.#side = side;
    this.#config = config;
    this.#channels = channels;
  }

  addLevel(count: number, out: number, isLowest: boolean): void {
    for (let i = 0; i < count; i++) {
      this.#addResidual(out);
      if (isLowest && this.#config.attention) this.#addAttention();
    }
  }

  addMiddle(): void {
    if (!this.#config.attention) return this.addLevel(this.#config.resBlocks, this.#channels, true);
    this.#addResidual(this.#channels);
    this.#addAttention();
    this.#addResidual(this.#channels);
  }

  /** Where the channels change, the official shortcut Conv_2 works on the block's output (out → out). */
  #addResidual(out: number): void {
    const { blockBiases = false, shortcut } = this.#config;
    const [name, channels] = [`${this.#side}/ResBlock_${this.#residual++}`, this.#channels];
    addNorm(this.#shapes, `${name}/GroupNorm_0`, channels);
    addConv(this.#shapes, `${name}/Conv_0`, { size: 3, channels, out }, blockBiases);
    addNorm(this.#shapes, `${name}/GroupNorm_1`, out);
    addConv(this.#shapes, `${name}/Conv_1`, { size: 3, channels: out, out }, blockBiases);
    const from = shortcut === 'input' ? channels : out;
    if (channels !== out) addConv(this.#shapes, `${name}/Conv_2`, { size: 1, channels: from, out }, blockBiases);
    this.#channels = out;
  }

  #addAttention(): void {
    const [name, channels] = [`${this.#side}/AttentionBlock_${this.#attention++}`, this.#channels];
    addNorm(this.#shapes, `${name}/GroupNorm_0`, channels);
    for (const part of ['query', 'key', 'value', 'out']) {
      addConv(this.#shapes, `${name}/${part}`, { size: 1, channels, out: channels });
    }
  }
}

interface Conv {
  readonly size: 1 | 3;
  readonly channels: number;
  readonly out: number;
}

function addConv(shapes: Shapes, name: string, { size, channels, out }: Conv, hasBias = true): void {
  shapes.set(`${name}/kernel`, [size, size, channels, out]);
  if (hasBias) shapes.set(`${name}/bias`, [out]);
}

function addNorm(shapes: Shapes, name: string, width: number): void {
  shapes.set(`${name}/scale`, [width]);
  shapes.set(`${name}/bias`, [width]);
}
