import type { TransformerConfig } from './config.ts';
import type { Fields } from './fields.ts';

/** The fields in which other networks differ from the official one; what is absent stays absent. */
type Differences = Pick<
  TransformerConfig,
  'placement' | 'feedForward' | 'queryKeyNorm' | 'attentionBias' | 'headWidth' | 'registers'
>;

/**
 * Check the configuration of a transformer.
 * @throws Failure BadFile naming the field and what is allowed there
 */
export function parseTransformer(fields: Fields, tokenizerCodebook: number | undefined): TransformerConfig {
  const width = fields.whole('width', 1, 8192);
  const heads = fields.whole('heads', 1, 256);
  if (width % heads !== 0 && !fields.has('headWidth')) {
    fields.refuse('heads', `a number that divides the width ${width}`, heads);
  }
  const differences = parseDifferences(fields);
  const nullClass = fields.boolean('nullClass', false);
  if (differences.placement === 'adaptive' && !nullClass) {
    fields.refuse('nullClass', 'true where placement is adaptive', nullClass);
  }
  return {
    width,
    layers: fields.whole('layers', 1, 100),
    heads,
    mlp: fields.whole('mlp', 1, 65_536),
    codebook: fields.whole('codebook', 2, 1 << 20, tokenizerCodebook),
    classes: fields.whole('classes', 1, 100_000),
    nullClass,
    layerEps: fields.number('layerEps', 0, 1, 1e-12),
    gelu: fields.oneOf('gelu', ['tanh', 'erf'], 'tanh'),
    ...differences,
  };
}

function parseDifferences(fields: Fields): Differences {
  return {
    ...(fields.has('placement') && { placement: fields.oneOf('placement', ['post', 'adaptive']) }),
    ...(fields.has('feedForward') && { feedForward: fields.oneOf('feedForward', ['gelu', 'swiglu']) }),
    ...(fields.has('queryKeyNorm') && { queryKeyNorm: fields.boolean('queryKeyNorm') }),
    ...(fields.has('attentionBias') && { attentionBias: fields.boolean('attentionBias') }),
    // What the attention kernels hold in registers.
    ...(fields.has('headWidth') && { headWidth: fields.whole('headWidth', 1, 128) }),
    ...(fields.has('registers') && { registers: fields.whole('registers', 0, 64) }),
  };
}
