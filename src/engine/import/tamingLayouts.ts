import type { TokenizerVariant } from '../../core/config.ts';
import { always, conv, distinct, ends, norm, resBlock, table, type Layout, type Rule } from './layouts.ts';

/** What the VQGAN of taming-transformers, and LlamaGen's after it, make differently from the official one. */
const variant: TokenizerVariant = {
  attention: true,
  blockBiases: true,
  shortcut: 'input',
  downsample: 'convolution',
  latentKernel: 3,
  imageRange: 'signed',
};

const parts = ['norm1', 'conv1', 'norm2', 'conv2', 'nin_shortcut'];

/** github.com/CompVis/taming-transformers: level 0 is full resolution in the encoder and in the decoder. */
export const tamingTokenizer: Layout = {
  title: 'VQGAN (taming-transformers)',
  variant,
  // Perceptual loss and discriminator of its training.
  ignored: /^loss\./,
  rules: (names) => {
    const levels = distinct(names, /^encoder\.down\.(\d+)\./);
    const blocks = distinct(names, /^encoder\.down\.0\.block\.(\d+)\./);
    const decoderBlocks = distinct(names, /^decoder\.up\.0\.block\.(\d+)\./);
    const lowest = levels - 1;
    return [
      ...around(levels),
      ...resBlock('encoder.down.#.block.#', parts, ([l, r]) => `encoder/ResBlock_${l! * blocks + r!}`),
      ...attention(`encoder.down.${lowest}.attn.#`, ([r]) => `encoder/AttentionBlock_${r}`),
      conv('encoder.down.#.downsample.conv', ([l]) => `encoder/Downsample_${l}`),
      ...resBlock('encoder.mid.block_#', parts, ([r]) => `encoder/ResBlock_${levels * blocks + r! - 1}`),
      ...attention('encoder.mid.attn_1', always(`encoder/AttentionBlock_${blocks}`)),
      ...resBlock('decoder.mid.block_#', parts, ([r]) => `decoder/ResBlock_${r! - 1}`),
      ...attention('decoder.mid.attn_1', always('decoder/AttentionBlock_0')),
      ...resBlock('decoder.up.#.block.#', parts, ([l, r]) => {
        return `decoder/ResBlock_${2 + (lowest - l!) * decoderBlocks + r!}`;
      }),
      ...attention(`decoder.up.${lowest}.attn.#`, ([r]) => `decoder/AttentionBlock_${1 + r!}`),
      conv('decoder.up.#.upsample.conv', ([l]) => `decoder/Conv_${levels - l!}`),
    ];
  },
};

/** github.com/FoundationVision/LlamaGen, VQ-16: the decoder's blocks in the order in which they run. */
export const llamaGenTokenizer: Layout = {
  title: 'VQGAN (LlamaGen)',
  variant: { ...variant, unitEntries: true },
  // Which entries its training saw lately.
  ignored: /^quantize\.codebook_used$/,
  rules: (names) => {
    const levels = distinct(names, /^encoder\.conv_blocks\.(\d+)\./);
    const blocks = distinct(names, /^encoder\.conv_blocks\.0\.res\.(\d+)\./);
    const decoderBlocks = distinct(names, /^decoder\.conv_blocks\.0\.res\.(\d+)\./);
    return [
      ...around(levels),
      ...resBlock('encoder.conv_blocks.#.res.#', parts, ([l, r]) => `encoder/ResBlock_${l! * blocks + r!}`),
      ...attention(`encoder.conv_blocks.${levels - 1}.attn.#`, ([r]) => `encoder/AttentionBlock_${r}`),
      conv('encoder.conv_blocks.#.downsample.conv', ([l]) => `encoder/Downsample_${l}`),
      // The middle is block, attention, block.
      ...resBlock('encoder.mid.#', parts, ([r]) => `encoder/ResBlock_${levels * blocks + r! / 2}`),
      ...attention('encoder.mid.1', always(`encoder/AttentionBlock_${blocks}`)),
      ...resBlock('decoder.mid.#', parts, ([r]) => `decoder/ResBlock_${r! / 2}`),
      ...attention('decoder.mid.1', always('decoder/AttentionBlock_0')),
      ...resBlock('decoder.conv_blocks.#.res.#', parts, ([l, r]) => `decoder/ResBlock_${2 + l! * decoderBlocks + r!}`),
      ...attention('decoder.conv_blocks.0.attn.#', ([r]) => `decoder/AttentionBlock_${1 + r!}`),
      conv('decoder.conv_blocks.#.upsample.conv', ([l]) => `decoder/Conv_${l! + 1}`),
    ];
  },
};

/** What both call alike: the codebook, what leads to it and back, the first and last layers. */
function around(levels: number): readonly Rule[] {
  return [
    table('quantize.embedding.weight', 'quantizer/codebook'),
    conv('quant_conv', always('quantizer/Conv_in')),
    conv('post_quant_conv', always('quantizer/Conv_out')),
    ...ends(levels),
  ];
}

function attention(path: string, to: (numbers: readonly number[]) => string): readonly Rule[] {
  return [
    norm(`${path}.norm`, (numbers) => `${to(numbers)}/GroupNorm_0`),
    conv(`${path}.q`, (numbers) => `${to(numbers)}/query`),
    conv(`${path}.k`, (numbers) => `${to(numbers)}/key`),
    conv(`${path}.v`, (numbers) => `${to(numbers)}/value`),
    conv(`${path}.proj_out`, (numbers) => `${to(numbers)}/out`),
  ];
}
