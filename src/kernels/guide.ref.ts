import { unpackStepParams } from '../core/stepParams.ts';
import type { Reference } from '../program/interpret.ts';

/** y[i, b, c] = (1 + w) · logits[i, row_p, b, c] − w · logits[i, nullRow, b, c], p = places[i, b]; -1 reads like 0. */
export const guide: Reference = (tensors, { rows, entries, pictures, codebook }) => {
  const { stepParams, logits, places, rowOfPosition, y } = tensors;
  for (let at = 0; at < entries! * pictures!; at++) {
    const [i, b] = [Math.floor(at / pictures!), at % pictures!];
    const { guidanceScale: w, nullRow } = unpackStepParams(stepParams as Uint32Array, b);
    for (let c = 0; c < codebook!; c++) {
      const logit = (row: number): number => logits![((i * rows! + row) * pictures! + b) * codebook! + c]!;
      const wanted = logit(rowOfPosition![Math.max(0, places![at]!)]!);
      y![at * codebook! + c] = nullRow < 0 ? wanted : (1 + w) * wanted - w * logit(nullRow);
    }
  }
};
