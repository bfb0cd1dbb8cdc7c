import type { TokenizerConfig, TokenizerVariant } from './config.ts';
import { Failure } from './failure.ts';
import type { Fields } from './fields.ts';

/** @throws Failure BadFile naming the field and what is allowed there */
export function parseTokenizer(fields: Fields): TokenizerConfig {
  const filters = fields.whole('filters', 1, 1024);
  const multipliers = fields.list('multipliers', 8, (value, where) => {
    if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= 64) return value as number;
    throw new Failure('BadFile', `${where} must be a whole number from 1 to 64.`);
  });
  if (multipliers.length === 0) fields.refuse('multipliers', 'a list of 1 to 8 levels', []);
  const groups = fields.whole('groups', 1, 1024, 32);
  if (multipliers.some((multiplier) => (filters * multiplier) % groups !== 0)) {
    fields.refuse('groups', `a number that divides the channels [${multipliers.map((m) => m * filters)}]`, groups);
  }
  return {
    filters,
    multipliers,
    resBlocks: fields.whole('resBlocks', 1, 16),
    groups,
    groupEps: fields.number('groupEps', 0, 1, 1e-6),
    embedding: fields.whole('embedding', 1, 4096),
    codebook: fields.whole('codebook', 2, 1 << 20),
    ...parseVariant(fields),
  };
}

/** Only what is said: a configuration of the official network stays as short as it was. */
function parseVariant(fields: Fields): TokenizerVariant {
  const has = (name: keyof TokenizerVariant): boolean => fields.has(name);
  return {
    ...(has('decoderBlocks') && { decoderBlocks: fields.whole('decoderBlocks', 1, 16) }),
    ...(has('latentWidth') && { latentWidth: fields.whole('latentWidth', 1, 4096) }),
    ...(has('attention') && { attention: fields.boolean('attention') }),
    ...(has('blockBiases') && { blockBiases: fields.boolean('blockBiases') }),
    ...(has('shortcut') && { shortcut: fields.oneOf('shortcut', ['output', 'input']) }),
    ...(has('downsample') && { downsample: fields.oneOf('downsample', ['average', 'convolution']) }),
    ...(has('latentKernel') && { latentKernel: parseKernel(fields) }),
    ...(has('unitEntries') && { unitEntries: fields.boolean('unitEntries') }),
    ...(has('imageRange') && { imageRange: fields.oneOf('imageRange', ['unsigned', 'signed']) }),
  };
}

function parseKernel(fields: Fields): 1 | 3 {
  const size = fields.whole('latentKernel', 1, 3);
  return size === 2 ? fields.refuse('latentKernel', '1 or 3', size) : (size as 1 | 3);
}
