import type { Reference } from '../program/interpret.ts';

/** x · factor + offset of each channel. */
export const affine: Reference = ({ x, affine: factors, y }, { count, channels }) => {
  for (let i = 0; i < count!; i++) y![i] = x![i]! * factors![i % channels!]! + factors![channels! + (i % channels!)]!;
};
