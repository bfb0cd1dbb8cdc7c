import type { Reference } from '../program/interpret.ts';

/** e^x over the sum of the row, with the row's maximum taken off first. */
export const softmaxRows: Reference = ({ x, y }, { rows, width }) => {
  for (let r = 0; r < rows!; r++) {
    const row = [...x!.subarray(r * width!, (r + 1) * width!)];
    const most = row.reduce((a, b) => Math.max(a, b));
    const exps = row.map((value) => Math.exp(value - most));
    const sum = exps.reduce((a, b) => a + b);
    exps.forEach((e, c) => (y![r * width! + c] = e / sum));
  }
};
