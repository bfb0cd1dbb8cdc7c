import type { TransformerConfig } from '../core/config.ts';
import { vocabularySize } from '../core/weightShapes.ts';
import type { VocabularyRows } from '../kernels/embed.ts';

/** The rows of the word embeddings: codes 0 … K − 1, classes K …, "no class" where there is one, the mask last. */
export function vocabularyRows(config: TransformerConfig): VocabularyRows {
  const { codebook, classes, nullClass } = config;
  const maskRow = vocabularySize(config) - 1;
  // Without a row of its own, "no class" is one more thing that is not known.
  return { codes: codebook, classCount: classes, nullRow: nullClass ? codebook + classes : maskRow, maskRow };
}
