import type { Reference } from '../program/interpret.ts';

/** y[s] = silu(table[classes[s], or the last row where that is no class]) */
export const classVector: Reference = ({ classes, table, y }, { sequences, classCount, width }) => {
  for (let s = 0; s < sequences!; s++) {
    const id = classes![s]!;
    const row = id >= 0 && id < classCount! ? id : classCount!;
    for (let c = 0; c < width!; c++) {
      const v = table![row * width! + c]!;
      y![s * width! + c] = v / (1 + Math.exp(-v));
    }
  }
};
