import type { ModelConfig, TokenizerConfig, TransformerConfig } from './config.ts';
import { Failure } from './failure.ts';
import type { Fields } from './fields.ts';
import { parseTokenizer } from './parseTokenizer.ts';

/**
 * Check the configuration of a network: sizes that exist, and that fit each other.
 * @throws Failure BadFile naming the field and what is allowed there
 */
export function parseModelConfig(fields: Fields, where: string): ModelConfig {
  const image = fields.object('image');
  const size = image.whole('size', 8, 4096);
  const gridFields = fields.object('grid');
  const grid = { rows: gridFields.whole('rows', 1, 128), cols: gridFields.whole('cols', 1, 128) };
  const tokenizer = fields.has('tokenizer') ? parseTokenizer(fields.object('tokenizer')) : undefined;
  const transformer = fields.has('transformer')
    ? parseTransformer(fields.object('transformer'), tokenizer?.codebook)
    : undefined;
  if (tokenizer === undefined && transformer === undefined) {
    throw new Failure('BadFile', `${where}: the config has neither a tokenizer nor a transformer.`);
  }
  checkGrid(where, size, grid, tokenizer);
  checkCodebooks(where, tokenizer, transformer);
  return {
    image: { size, pixelArt: image.boolean('pixelArt', false) },
    grid,
    ...(tokenizer && { tokenizer }),
    ...(transformer && { transformer }),
  };
}

function checkGrid(
  where: string,
  size: number,
  grid: ModelConfig['grid'],
  tokenizer: TokenizerConfig | undefined,
): void {
  if (grid.rows !== grid.cols) {
    throw new Failure('BadFile', `${where}: config.grid of ${grid.rows} × ${grid.cols} tokens must be square.`);
  }
  if (tokenizer === undefined) return;
  const cell = 2 ** (tokenizer.multipliers.length - 1);
  if (grid.rows * cell !== size) {
    throw new Failure(
      'BadFile',
      `${where}: config.grid of ${grid.rows} × ${grid.cols} tokens of ${cell} pixels does not make config.image.size ${size}.`,
    );
  }
}

function checkCodebooks(
  where: string,
  tokenizer: TokenizerConfig | undefined,
  transformer: TransformerConfig | undefined,
): void {
  if (tokenizer === undefined || transformer === undefined || tokenizer.codebook === transformer.codebook) return;
  throw new Failure(
    'BadFile',
    `${where}: config.transformer.codebook ${transformer.codebook} differs from config.tokenizer.codebook ${tokenizer.codebook}.`,
  );
}

function parseTransformer(fields: Fields, tokenizerCodebook: number | undefined): TransformerConfig {
  const width = fields.whole('width', 1, 8192);
  const heads = fields.whole('heads', 1, 256);
  if (width % heads !== 0) fields.refuse('heads', `a number that divides the width ${width}`, heads);
  return {
    width,
    layers: fields.whole('layers', 1, 100),
    heads,
    mlp: fields.whole('mlp', 1, 65_536),
    codebook: fields.whole('codebook', 2, 1 << 20, tokenizerCodebook),
    classes: fields.whole('classes', 1, 100_000),
    nullClass: fields.boolean('nullClass', false),
    layerEps: fields.number('layerEps', 0, 1, 1e-12),
    gelu: fields.oneOf('gelu', ['tanh', 'erf'], 'tanh'),
  };
}
