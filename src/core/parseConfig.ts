import type { ModelConfig, TokenizerConfig, TransformerConfig } from './config.ts';
import { Failure } from './failure.ts';
import type { Fields } from './fields.ts';
import { MOST_POSITIONS, positionCount } from './grid.ts';
import { parseTokenizer } from './parseTokenizer.ts';
import { parseTransformer } from './parseTransformer.ts';

/**
 * Check the configuration of a network: sizes that exist, and that fit each other.
 * @throws Failure BadFile naming the field and what is allowed there
 */
export function parseModelConfig(fields: Fields, where: string): ModelConfig {
  const image = fields.object('image');
  const size = image.whole('size', 1, 4096);
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
  if (transformer !== undefined && positionCount(grid) > MOST_POSITIONS) {
    const most = Math.sqrt(MOST_POSITIONS);
    const cause = `config.grid of ${grid.rows} × ${grid.cols} tokens is larger than ${most} × ${most}`;
    throw new Failure('BadFile', `${where}: ${cause}, the largest that can be painted.`);
  }
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
