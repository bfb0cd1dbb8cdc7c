import type { HashedTensor } from './hashed.ts';

/**
 * Networks of others at their published sizes, under the names and in the layouts of their own files. Their weights are
 * hashed; scales are chosen so that activations neither vanish nor explode.
 */

const gain = (name: string, width: number): HashedTensor => ({ name, shape: [width], base: 1, amp: 0.3 });
const shift = (name: string, width: number, amp = 0.05): HashedTensor => ({ name, shape: [width], base: 0, amp });
const table = (name: string, rows: number, width: number, amp: number): HashedTensor => ({
  name,
  shape: [rows, width],
  base: 0,
  amp,
});

/** [out, in] or [out, in, side, side]: the variance of a sum of such products is that of its terms. */
function product(name: string, shape: readonly number[]): HashedTensor {
  const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
  return { name, shape, base: 0, amp: Math.sqrt(3 / fanIn) };
}

/** Halton-MaskGIT tiny for 256 pixels: width 384, 6 layers, 16,384 codes, 1,000 classes. 23,031,425 parameters. */
export function haltonTiny(): readonly HashedTensor[] {
  const [width, inner, mlp, layers] = [384, 384, 1024, 6];
  const square = (name: string): HashedTensor => product(`${name}.weight`, [width, inner]);
  const ofLayer = (name: string): readonly HashedTensor[] => [
    product(`${name}.mlp.1.weight`, [6 * width, width]),
    shift(`${name}.mlp.1.bias`, 6 * width),
    gain(`${name}.ln1.weight`, width),
    gain(`${name}.ln2.weight`, width),
    ...['wq', 'wk', 'wv', 'wo'].map((part) => square(`${name}.attn.${part}`)),
    product(`${name}.ff.w1.weight`, [mlp, width]),
    product(`${name}.ff.w2.weight`, [width, mlp]),
    product(`${name}.ff.w3.weight`, [mlp, width]),
  ];
  return [
    table('cls_emb.weight', 1001, width, 1),
    table('tok_emb.weight', 16_385, width, 0.15),
    table('pos_emb.weight', 256, width, 0.15),
    table('reg_tokens.weight', 1, width, 0.15),
    ...Array.from({ length: layers }, (_, i) => ofLayer(`transformer.layers.${i}`)).flat(),
    gain('last_norm.norm_final.weight', width),
    shift('last_norm.norm_final.bias', width),
    product('last_norm.mlp.1.weight', [2 * width, width]),
    shift('last_norm.mlp.1.bias', 2 * width),
    shift('head.bias', 16_385),
  ];
}

/** LlamaGen's VQ-16: five levels of 128 to 512 channels, attention at the lowest. 71,883,403 parameters. */
export function llamaGenVq16(): readonly HashedTensor[] {
  const widths = [128, 128, 256, 256, 512];
  const lowest = widths.length - 1;
  const encoderLevels = widths.flatMap((width, level) => [
    ...blocks(
      `encoder.conv_blocks.${level}`,
      { from: widths[level - 1] ?? 128, to: width, count: 2 },
      level === lowest,
    ),
    ...(level < lowest ? conv(`encoder.conv_blocks.${level}.downsample.conv`, width, width) : []),
  ]);
  const decoderLevels = widths
    .toReversed()
    .flatMap((width, i, downwards) => [
      ...blocks(`decoder.conv_blocks.${i}`, { from: downwards[i - 1] ?? 512, to: width, count: 3 }, i === 0),
      ...(i < lowest ? conv(`decoder.conv_blocks.${i}.upsample.conv`, width, width) : []),
    ]);
  return [
    ...conv('encoder.conv_in', 3, 128),
    ...encoderLevels,
    ...middle('encoder.mid'),
    ...groupNorm('encoder.norm_out', 512),
    ...conv('encoder.conv_out', 512, 256),
    ...conv('quant_conv', 256, 8, 1),
    table('quantize.embedding.weight', 16_384, 8, 1),
    ...conv('post_quant_conv', 8, 256, 1),
    ...conv('decoder.conv_in', 256, 512),
    ...middle('decoder.mid'),
    ...decoderLevels,
    ...groupNorm('decoder.norm_out', 128),
    ...conv('decoder.conv_out', 128, 3),
  ];
}

function conv(name: string, inWidth: number, outWidth: number, side = 3): readonly HashedTensor[] {
  return [product(`${name}.weight`, [outWidth, inWidth, side, side]), shift(`${name}.bias`, outWidth)];
}

function groupNorm(name: string, width: number): readonly HashedTensor[] {
  return [gain(`${name}.weight`, width), shift(`${name}.bias`, width)];
}

interface Widths {
  readonly from: number;
  readonly to: number;
}

function residual(name: string, { from, to }: Widths): readonly HashedTensor[] {
  return [
    ...groupNorm(`${name}.norm1`, from),
    ...conv(`${name}.conv1`, from, to),
    ...groupNorm(`${name}.norm2`, to),
    ...conv(`${name}.conv2`, to, to),
    ...(from === to ? [] : conv(`${name}.nin_shortcut`, from, to, 1)),
  ];
}

function attention(name: string): readonly HashedTensor[] {
  const parts = ['q', 'k', 'v', 'proj_out'].flatMap((part) => conv(`${name}.${part}`, 512, 512, 1));
  return [...groupNorm(`${name}.norm`, 512), ...parts];
}

/** The blocks of a level, at the lowest one each with attention behind it. */
function blocks(name: string, { from, to, count }: Widths & { count: number }, hasAttention: boolean) {
  return Array.from({ length: count }, (_, r) => [
    ...residual(`${name}.res.${r}`, { from: r === 0 ? from : to, to }),
    ...(hasAttention ? attention(`${name}.attn.${r}`) : []),
  ]).flat();
}

function middle(name: string): readonly HashedTensor[] {
  const same = { from: 512, to: 512 };
  return [...residual(`${name}.0`, same), ...attention(`${name}.1`), ...residual(`${name}.2`, same)];
}
