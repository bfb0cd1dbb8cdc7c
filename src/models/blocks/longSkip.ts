import type { TransformerConfig } from '../../core/config.ts';
import { linear } from '../../kernels/linear.ts';
import { matrix, type Matrix } from '../../kernels/storedWeights.ts';
import type { Recorder } from '../../program/program.ts';
import type { Tensor } from '../../program/tensor.ts';

/**
 * A U-ViT's long skip (Bao et al. 2023): h and what the mirror image of this layer gave out, side by side, times the
 * skip's kernel [2 · width, width]. The two halves of the kernel are products of their own, so that nothing is copied
 * together.
 */
export function joinSkip(
  rec: Recorder,
  h: Tensor,
  mirrored: Tensor,
  { width }: TransformerConfig,
  layer: string,
): Tensor {
  const name = `${layer}/skip/kernel`;
  const half = (title: string, firstRow: number): Matrix => {
    const recipe = { kind: 'part', name, firstRow, rows: width, cols: width, times: 1 } as const;
    return matrix(rec, `${name} of ${title}`, [width, width], recipe);
  };
  const bias = rec.weight(`${layer}/skip/bias`, [width]);
  const residual = linear(rec, mirrored, { ...half('the mirrored layer', width), bias });
  return linear(rec, h, half('the layer before', 0), { residual });
}
