import type { Reference } from '../program/interpret.ts';

/** y[r, c] = (x[r, c] / √(mean_c x² + eps) · scale[c] + bias[c]) · (1 + m[s, scaleAt + c]) + m[s, shiftAt + c] */
export const rmsNorm: Reference = ({ x, scale, bias, modulation, y }, params, constants) => {
  const { rows, cols, eps, sequences, rowsPerSequence, modulationCols, shiftAt, scaleAt } = params as Record<
    string,
    number
  > &
    typeof params;
  for (let r = 0; r < rows!; r++) {
    const row = Array.from(x!.subarray(r * cols!, (r + 1) * cols!));
    const isPassed = constants['skipsThird'] === 1 && r % 3 === 2;
    const rms = isPassed ? 1 : Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) / cols! + eps!);
    const m = (Math.floor(r / rowsPerSequence!) % sequences!) * modulationCols!;
    row.forEach((v, c) => {
      const gain = constants['hasScale'] ? scale![c]! : 1;
      const normed = (v / rms) * gain + (constants['hasBias'] ? bias![c]! : 0);
      const [s, t] = constants['isModulated']
        ? [modulation![m + scaleAt! + c]!, modulation![m + shiftAt! + c]!]
        : [0, 0];
      y![r * cols! + c] = normed * (1 + s) + t;
    });
  }
};

export const rmsNormByRow: Reference = rmsNorm;
