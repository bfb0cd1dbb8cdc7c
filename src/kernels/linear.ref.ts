import type { Reference } from '../program/interpret.ts';
import { activationReferences } from './activation.ref.ts';

/** y[r, c] = activation(columnScale[c] · Σ_k x[r, k] · weight[k, c] + bias[c]) + residual[r, c] */
export const linear: Reference = ({ x, weight, columnScale, bias, residual, y }, params, constants) => {
  const { rows, inWidth, outWidth } = params as { rows: number; inWidth: number; outWidth: number };
  const activate = activationReferences[constants['activation']!]!;
  for (let r = 0; r < rows; r++) {
    const sums = new Float64Array(outWidth);
    // Weights in the order in which they lie: at true sizes the other order waits for memory.
    for (let k = 0; k < inWidth; k++) {
      const value = x![r * inWidth + k]!;
      for (let c = 0; c < outWidth; c++) sums[c]! += value * weight![k * outWidth + c]!;
    }
    sums.forEach((sum, c) => {
      const scaled = (constants['isScaled'] ? columnScale![c]! : 1) * sum;
      const shifted = scaled + (constants['hasBias'] ? bias![c]! : 0);
      y![r * outWidth + c] = activate(shifted) + (constants['hasResidual'] ? residual![r * outWidth + c]! : 0);
    });
  }
};

/** The same sum: columns in blocks of four, through workgroup memory, and by subgroup matrices. */
export const linearBlocks: Reference = linear;
export const linearTiled: Reference = linear;
export const linearMatrix: Reference = linear;
