import type { TransformerConfig } from '../core/config.ts';
import { vocabularySize } from '../core/transformerShapes.ts';
import type { SequenceLayout, VocabularyRows } from '../kernels/embed.ts';

/**
 * The rows of the word embeddings: codes 0 … K − 1, then classes, "no class" where there is one and the mask; or the mask
 * in front of the classes (`maskRow`).
 */
export function vocabularyRows(config: TransformerConfig): VocabularyRows {
  const { codebook, classes, nullClass, maskRow: place = 'last' } = config;
  const maskRow = place === 'last' ? vocabularySize(config) - 1 : codebook;
  const firstClass = place === 'last' ? codebook : codebook + 1;
  // Without a row of its own, "no class" is one more thing that is not known.
  const nullRow = nullClass ? firstClass + classes : maskRow;
  return { codes: codebook, firstClass, classCount: classes, nullRow, maskRow };
}

/** Where the class and the registers stand in a sequence. */
export function sequenceLayout({ placement, classToken = 'first', registers = 0 }: TransformerConfig): SequenceLayout {
  return placement === 'adaptive' ? { registers } : { classToken, registers };
}

/** The row of a sequence where the grid begins. */
export function firstOfGrid(config: TransformerConfig): number {
  return sequenceLayout(config).classToken === 'first' ? 1 : 0;
}
