import type { Reference } from '../program/interpret.ts';

/** factor · x + offset */
export const rescale: Reference = ({ x, y }, { count, factor, offset }) => {
  for (let i = 0; i < count!; i++) y![i] = factor! * x![i]! + offset!;
};
