import { unpackStepParams } from '../core/stepParams.ts';
import type { Reference } from '../program/interpret.ts';

/** y[p, c] = (1 + w) · logits[row_p, p, c] − w · logits[nullRow, p, c]. */
export const guide: Reference = ({ stepParams, logits, rowOfPosition, y }, { positions, codebook }) => {
  const { guidanceScale: w, nullRow } = unpackStepParams(stepParams as Uint32Array);
  for (let p = 0; p < positions!; p++) {
    for (let c = 0; c < codebook!; c++) {
      const logit = (row: number): number => logits![(row * positions! + p) * codebook! + c]!;
      const wanted = logit(rowOfPosition![p]!);
      y![p * codebook! + c] = nullRow < 0 ? wanted : (1 + w) * wanted - w * logit(nullRow);
    }
  }
};
