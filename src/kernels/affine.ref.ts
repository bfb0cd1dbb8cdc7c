import type { Reference } from '../program/interpret.ts';
import { activationReferences } from './activation.ref.ts';

/** activation(x · factor + offset) of each channel. */
export const affine: Reference = ({ x, affine: factors, y }, { count, channels }, constants) => {
  const activate = activationReferences[constants['activation']!]!;
  for (let i = 0; i < count!; i++) {
    const c = i % channels!;
    y![i] = activate(x![i]! * factors![c]! + factors![channels! + c]!);
  }
};
