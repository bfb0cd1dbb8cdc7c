import type { Reference } from '../program/interpret.ts';

/** y[r, c] = x[r, c] + gate[⌊r / rowsPerSequence⌋ mod sequences, gateAt + c] · branch[r, c] */
export const gatedSum: Reference = ({ x, branch, gate, y }, params) => {
  const { rows, cols, sequences, rowsPerSequence, gateCols, gateAt } = params;
  for (let r = 0; r < rows!; r++) {
    const g = (Math.floor(r / rowsPerSequence!) % sequences!) * gateCols! + gateAt!;
    for (let c = 0; c < cols!; c++) {
      y![r * cols! + c] = x![r * cols! + c]! + gate![g + c]! * branch![r * cols! + c]!;
    }
  }
};
