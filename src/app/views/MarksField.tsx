import { Contrast, Expand, Shrink } from 'lucide-react';
import type { TokenMask } from '../../core/mask.ts';
import { growFree, invertFree, markedWords, shrinkFree } from '../commands/masks.ts';
import { useDesk } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import styles from './EditPanel.module.css';

/** The cells marked by brush: how many, and ways to change them all at once. */
export function MarksField({ free }: { free: TokenMask }) {
  const desk = useDesk();
  const count = free.reduce((sum, paint) => sum + paint, 0);
  return (
    <div className={styles.marks}>
      <span className={styles.swatch} aria-hidden="true" />
      <span className={styles.name} title={markedWords(free)}>
        {count} marked
      </span>
      <IconButton label="Grow the marks" tip="above" icon={<Expand size={17} />} onClick={() => growFree(desk)} />
      <IconButton label="Shrink the marks" tip="above" icon={<Shrink size={17} />} onClick={() => shrinkFree(desk)} />
      <IconButton label="Invert the marks" tip="above" icon={<Contrast size={17} />} onClick={() => invertFree(desk)} />
    </div>
  );
}
