import type { Reference } from '../program/interpret.ts';
import { activationReferences } from './activation.ref.ts';

/** y[r, c] = activation(Σ_k x[r, k] · weight[k, c] + bias[c]) + residual[r, c] */
export const linear: Reference = ({ x, weight, bias, residual, y }, params, constants) => {
  const { rows, inWidth, outWidth } = params as { rows: number; inWidth: number; outWidth: number };
  const activate = activationReferences[constants['activation']!]!;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < outWidth; c++) {
      let sum = constants['hasBias'] ? bias![c]! : 0;
      for (let k = 0; k < inWidth; k++) sum += x![r * inWidth + k]! * weight![k * outWidth + c]!;
      y![r * outWidth + c] = activate(sum) + (constants['hasResidual'] ? residual![r * outWidth + c]! : 0);
    }
  }
};

/** The same sum, through workgroup memory. */
export const linearTiled: Reference = linear;
