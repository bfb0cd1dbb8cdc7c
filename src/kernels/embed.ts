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
    length: 'u32',
    classPlace: 'u32',
    width: 'u32',
    codes: 'u32',
    firstClass: 'u32',
    classCount: 'u32',
    nullRow: 'u32',
    maskRow: 'u32',
  },
  workgroups: ({ sequences, length }) => [sequences * length],
  operations: ({ sequences, length, width }) => sequences * length * width,
});

/** Which rows of the word embeddings stand for what: codes from 0, classes from `firstClass`. */
export interface VocabularyRows {
  readonly codes: number;
  readonly firstClass: number;
  readonly classCount: number;
  /** Read for every id that is no class. */
  readonly nullRow: number;
  /** Read for every token that is no code, MASK among them. */
  readonly maskRow: number;
}

/** What a sequence consists of: a class and the tokens of the grid. */
export interface SequenceInputs {
  /** [positions] or [tokenRows, positions] i32; sequence s reads row s mod tokenRows. */
  readonly tokens: Tensor;
  /** [sequences] i32 */
  readonly classes: Tensor;
}

/** Embeddings [vocabulary, width] of words and [length, width] of places. */
export interface Embeddings {
  readonly words: Tensor;
  readonly places: Tensor;
}

/** In which order a sequence holds its class, the tokens of the grid, and the registers, which are always last. */
export interface SequenceLayout {
  /** Absent where the class is no token of the sequence. */
  readonly classToken?: 'first' | 'last';
  /** Learned rows that stand for no token. */
  readonly registers?: number;
}

/** Word plus place of every class, token and register: [sequences · length, width]. */
export function embed(
  rec: Recorder,
  { tokens, classes }: SequenceInputs,
  { words, places }: Embeddings,
  rows: VocabularyRows,
  { classToken, registers = 0 }: SequenceLayout,
): Tensor {
  const [sequences] = expectShape(classes, ['sequences']) as [number];
  const [, width] = expectShape(words, ['vocabulary', 'width']) as [number, number];
  const [length] = expectShape(places, ['length', width]) as [number];
  const positions = length - registers - (classToken ? 1 : 0);
  const tokenRows = sizeOf(tokens.shape) / positions;
  if (tokens.shape.at(-1) !== positions || tokens.shape.length > 2) {
    throw new Error(`${tokens.label}: shape [${tokens.shape.join(', ')}] has no rows of ${positions} positions`);
  }
  const classPlace = { first: 0, last: positions, none: length }[classToken ?? 'none'];
  const h = rec.scratch('embedding', [sequences * length, width]);
  const params = { sequences, tokenRows, positions, length, classPlace, width, ...rows };
  rec.run(embedKernel, { tokens, classes, words, places, h }, params);
  return h;
}
