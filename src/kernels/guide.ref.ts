import { unpackStepParams } from '../core/stepParams.ts';
import type { Reference } from '../program/interpret.ts';

/** y[i, c] = (1 + w) · logits[i, row_p, c] − w · logits[i, nullRow, c], p = places[i]; -1 reads like 0. */
export const guide: Reference = (tensors, { rows, entries, codebook }) => {
  const { stepParams, logits, places, rowOfPosition, y } = tensors;
  const { guidanceScale: w, nullRow } = unpackStepParams(stepParams as Uint32Array);
  for (let i = 0; i < entries!; i++) {
    for (let c = 0; c < codebook!; c++) {
      const logit = (row: number): number => logits![(i * rows! + row) * codebook! + c]!;
      const wanted = logit(rowOfPosition![Math.max(0, places![i]!)]!);
      y![i * codebook! + c] = nullRow < 0 ? wanted : (1 + w) * wanted - w * logit(nullRow);
    }
  }
};
