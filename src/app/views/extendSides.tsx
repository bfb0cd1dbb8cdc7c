import { ArrowDownFromLine, ArrowLeftFromLine, ArrowRightFromLine, ArrowUpFromLine } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Direction } from '../../core/panorama.ts';

/** The four sides of a picture, in the order in which they are walked through. */
export const extendSides: readonly {
  readonly direction: Direction;
  readonly label: string;
  readonly keys: string;
  readonly icon: ReactNode;
}[] = [
  { direction: 'left', label: 'Extend left', keys: 'Shift+ArrowLeft', icon: <ArrowLeftFromLine size={18} /> },
  { direction: 'up', label: 'Extend up', keys: 'Shift+ArrowUp', icon: <ArrowUpFromLine size={18} /> },
  { direction: 'down', label: 'Extend down', keys: 'Shift+ArrowDown', icon: <ArrowDownFromLine size={18} /> },
  { direction: 'right', label: 'Extend right', keys: 'Shift+ArrowRight', icon: <ArrowRightFromLine size={18} /> },
];
