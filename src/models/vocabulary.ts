import type { TransformerConfig } from '../core/config.ts';
import { vocabularySize } from '../core/transformerShapes.ts';
import type { SequenceLayout, VocabularyRows } from '../kernels/embed.ts';

/** The rows of the word embeddings: codes 0 … K − 1, classes K …, "no class" where there is one, the mask last. */
export function vocabularyRows(config: TransformerConfig): VocabularyRows {
  const { codebook, classes, nullClass } = config;
  const maskRow = vocabularySize(config) - 1;
  // Without a row of its own, "no class" is one more thing that is not known.
  const nullRow = nullClass ? codebook + classes : maskRow;
  return { codes: codebook, firstClass: codebook, classCount: classes, nullRow, maskRow };
}

/** Where the class and the registers stand in a sequence. */
export function sequenceLayout({ placement, registers = 0 }: TransformerConfig): SequenceLayout {
  return placement === 'adaptive' ? { registers } : { classToken: 'first', registers };
}

/** The row of a sequence where the grid begins. */
export function firstOfGrid(config: TransformerConfig): number {
  return sequenceLayout(config).classToken === 'first' ? 1 : 0;
}
