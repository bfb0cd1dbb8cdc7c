import source from '#shaders/embed.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, sizeOf, type Tensor } from '../program/tensor.ts';

export const embedKernel = defineKernel({
  name: 'embed',
  source,
  buffers: { tokens: 'read', classes: 'read', words: 'read', places: 'read', h: 'read_write' },
  params: {
    sequences: 'u32',
    tokenRows: 'u32',
    positions: 'u32',
    width: 'u32',
    codes: 'u32',
    classCount: 'u32',
    nullRow: 'u32',
    maskRow: 'u32',
  },
  workgroups: ({ sequences, positions }) => [sequences * (positions + 1)],
  operations: ({ sequences, positions, width }) => sequences * (positions + 1) * width,
});

/** Which rows of the word embeddings stand for what: codes from 0, then the classes. */
export interface VocabularyRows {
  readonly codes: number;
  readonly classCount: number;
  /** Read for every id that is no class. */
  readonly nullRow: number;
  /** Read for every token that is no code, MASK among them. */
  readonly maskRow: number;
}

/** What a sequence consists of: a class, then the tokens of the grid. */
export interface SequenceInputs {
  /** [positions] or [tokenRows, positions] i32; sequence s reads row s mod tokenRows. */
  readonly tokens: Tensor;
  /** [sequences] i32 */
  readonly classes: Tensor;
}

/** Embeddings [vocabulary, width] of words and [1 + positions, width] of places. */
export interface Embeddings {
  readonly words: Tensor;
  readonly places: Tensor;
}

/** Word plus place of every class and token: [sequences · (1 + positions), width]. */
export function embed(
  rec: Recorder,
  { tokens, classes }: SequenceInputs,
  { words, places }: Embeddings,
  rows: VocabularyRows,
): Tensor {
  const [sequences] = expectShape(classes, ['sequences']) as [number];
  const [, width] = expectShape(words, ['vocabulary', 'width']) as [number, number];
  const [length] = expectShape(places, ['1 + positions', width]) as [number];
  const positions = length - 1;
  const tokenRows = sizeOf(tokens.shape) / positions;
  if (tokens.shape.at(-1) !== positions || tokens.shape.length > 2) {
    throw new Error(`${tokens.label}: shape [${tokens.shape.join(', ')}] has no rows of ${positions} positions`);
  }
  const h = rec.scratch('embedding', [sequences * length, width]);
  rec.run(embedKernel, { tokens, classes, words, places, h }, { sequences, tokenRows, positions, width, ...rows });
  return h;
}
