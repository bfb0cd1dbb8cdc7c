import type { TransformerConfig, TransformerVariant } from './config.ts';
import type { Fields } from './fields.ts';

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
  const layers = fields.whole('layers', 1, 100);
  const variant = parseVariant(fields);
  const order = fields.oneOf('order', ['parallel', 'raster'], 'parallel');
  const [other] = Object.keys(variant);
  // The causal baseline of train/ is the official network in everything else.
  if (order === 'raster' && other !== undefined) fields.refuse('order', `parallel where ${other} is given`, order);
  // What its attention kernels hold in workgroup memory.
  if (order === 'raster' && width / heads > 128) fields.refuse('heads', `at least ${Math.ceil(width / 128)}`, heads);
  const nullClass = fields.boolean('nullClass', false);
  if (variant.placement === 'adaptive' && !nullClass) {
    fields.refuse('nullClass', 'true where placement is adaptive', nullClass);
  }
  if (variant.longSkips && layers % 2 === 0) fields.refuse('layers', 'an odd number where longSkips is true', layers);
  return {
    width,
    layers,
    heads,
    mlp: fields.whole('mlp', 1, 65_536),
    codebook: fields.whole('codebook', 2, 1 << 20, tokenizerCodebook),
    classes: fields.whole('classes', 1, 100_000),
    nullClass,
    layerEps: fields.number('layerEps', 0, 1, 1e-12),
    gelu: fields.oneOf('gelu', ['tanh', 'erf'], 'tanh'),
    ...variant,
    ...(order === 'raster' && { order }),
  };
}

/** The fields in which other networks differ from the official one; what is absent stays absent. */
function parseVariant(fields: Fields): TransformerVariant {
  const choice = <K extends string, const T extends readonly string[]>(
    name: K,
    choices: T,
  ): { readonly [key in K]?: T[number] } =>
    fields.has(name) ? ({ [name]: fields.oneOf(name, choices) } as { [key in K]: T[number] }) : {};
  const flag = <K extends string>(name: K): { readonly [key in K]?: boolean } =>
    fields.has(name) ? ({ [name]: fields.boolean(name) } as { [key in K]: boolean }) : {};
  return {
    ...choice('placement', ['post', 'pre', 'adaptive']),
    ...choice('classToken', ['first', 'last']),
    ...choice('maskRow', ['last', 'afterCodes']),
    ...flag('embeddingMlp'),
    ...(fields.has('embeddingEps') && { embeddingEps: fields.number('embeddingEps', 0, 1) }),
    ...(fields.has('headEps') && { headEps: fields.number('headEps', 0, 1) }),
    ...flag('positionBias'),
    ...flag('longSkips'),
    ...choice('feedForward', ['gelu', 'swiglu']),
    ...flag('queryKeyNorm'),
    ...flag('attentionBias'),
    ...flag('qkvBias'),
    // What the attention kernels hold in registers.
    ...(fields.has('headWidth') && { headWidth: fields.whole('headWidth', 1, 128) }),
    ...(fields.has('registers') && { registers: fields.whole('registers', 0, 64) }),
  };
}
