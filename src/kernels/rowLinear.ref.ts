import type { Reference } from '../program/interpret.ts';
import { linear } from './linear.ref.ts';

/** The product of `linear`; who sums what is another matter. */
export const rowLinear: Reference = linear;
export const rowLinearByBlock: Reference = linear;
