import { Undo2, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { undoDelete } from '../commands/results.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import styles from './NoticeBar.module.css';

/** Long enough to read and to reach Undo; it waits while the pointer or the focus is on it. */
const STAYS_MS = 8000;

export function NoticeBar() {
  const desk = useDesk();
  const notice = useStudio((studio) => studio.notice);
  const [isHeld, hold] = useState(false);
  const { dismissNotice } = desk.store.getState();
  useEffect(() => {
    if (!notice || isHeld) return undefined;
    const timer = setTimeout(dismissNotice, STAYS_MS);
    return () => clearTimeout(timer);
  }, [notice, isHeld, dismissNotice]);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- looking at it keeps it, no more
    <output
      className={styles.place}
      onPointerEnter={() => hold(true)}
      onPointerLeave={() => hold(false)}
      onFocus={() => hold(true)}
      onBlur={() => hold(false)}
    >
      {notice && (
        <div className={styles.notice} key={notice.id}>
          <span>{notice.text}</span>
          {notice.action === 'undo' && (
            <button type="button" className={styles.action} onClick={() => void undoDelete(desk)}>
              <Undo2 size={16} aria-hidden="true" /> Undo
            </button>
          )}
          <IconButton
            className={styles.close ?? ''}
            label="Close"
            tip="above"
            icon={<X size={16} />}
            onClick={dismissNotice}
          />
        </div>
      )}
    </output>
  );
}
