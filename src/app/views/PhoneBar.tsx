import { SlidersHorizontal } from 'lucide-react';
import { ClassButton } from './ClassField.tsx';
import { useDesk } from './desk.ts';
import { GenerateButton } from './GenerateButton.tsx';
import { IconButton } from './IconButton.tsx';
import { LoadLine } from './LoadLine.tsx';
import { useCanPaint } from './useCanPaint.ts';
import styles from './PhoneBar.module.css';

/** On a phone: what to paint, the one button and its settings, where the thumb is. */
export function PhoneBar() {
  const desk = useDesk();
  const canPaint = useCanPaint();
  return (
    <section className={styles.bar} aria-label="What to paint" data-region>
      <LoadLine />
      <div className={styles.row}>
        {canPaint && <ClassButton />}
        <GenerateButton />
        <IconButton
          className={styles.icon ?? ''}
          label="How it paints"
          tip="above"
          aria-haspopup="dialog"
          icon={<SlidersHorizontal size={21} />}
          onClick={() => desk.store.getState().openDialog('controls')}
        />
      </div>
    </section>
  );
}
