import type { Reference } from '../program/interpret.ts';

/** silu(x · factor + offset), silu(v) = v / (1 + e^−v). */
export const affineSilu: Reference = ({ x, affine, y }, { count, channels }) => {
  for (let i = 0; i < count!; i++) {
    const c = i % channels!;
    const v = x![i]! * affine![c]! + affine![channels! + c]!;
    y![i] = v / (1 + Math.exp(-v));
  }
};
