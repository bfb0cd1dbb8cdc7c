import { Check, ChevronLeft, ChevronRight, Columns2, Eye, RefreshCw, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { tryAnew } from '../commands/extend.ts';
import { canCompare, compareWith, discardStaged, keepStaged, toggleSlider, walkStaged } from '../commands/staging.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import styles from './StagingBar.module.css';

/** What to do with the results of an edit: look at each, compare it with the picture before, keep or discard it. */
export function StagingBar() {
  const staged = useStudio((studio) => studio.staged.length);
  const at = useStudio((studio) => studio.stagedAt);
  const isRunning = useStudio((studio) => studio.job.kind !== 'idle');
  if (staged === 0 || isRunning) return null;
  return <Decision staged={staged} at={at} />;
}

function Decision({ staged, at }: { staged: number; at: number }) {
  const desk = useDesk();
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // Whoever pressed Repaint decides next: the same key must not paint once more.
    if (document.activeElement?.matches('[data-generate]')) keep.current?.focus({ preventScroll: true });
  }, []);
  const isDecided = () =>
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) document.getElementById('stage')?.focus({ preventScroll: true });
    });
  return (
    <div className={styles.bar} role="toolbar" aria-label="Results of the edit">
      <Walk staged={staged} at={at} />
      <button
        ref={keep}
        type="button"
        className={styles.keep}
        disabled={at < 0}
        onClick={() => (keepStaged(desk), isDecided())}
      >
        <Check size={18} aria-hidden="true" /> Keep
      </button>
      <CompareButtons />
      <IconButton label="Another try" tip="above" icon={<RefreshCw size={18} />} onClick={() => void tryAnew(desk)} />
      <IconButton
        label="Discard"
        tip="above"
        disabled={at < 0}
        icon={<X size={20} />}
        onClick={() => (discardStaged(desk), isDecided())}
      />
    </div>
  );
}

/** Which result is on show, and the way to the others. */
function Walk({ staged, at }: { staged: number; at: number }) {
  const desk = useDesk();
  return (
    <span className={styles.walk}>
      <IconButton
        label="Result before"
        tip="above"
        disabled={at < 0}
        icon={<ChevronLeft size={20} />}
        onClick={() => walkStaged(desk, -1)}
      />
      <span className={styles.count} aria-hidden="true">
        {at < 0 ? 'before' : `${at + 1} / ${staged}`}
      </span>
      <IconButton
        label="Next result"
        tip="above"
        disabled={at >= staged - 1}
        icon={<ChevronRight size={20} />}
        onClick={() => walkStaged(desk, 1)}
      />
    </span>
  );
}

function CompareButtons() {
  const desk = useDesk();
  const compare = useStudio((studio) => studio.compare);
  const isComparable = useStudio(canCompare);
  return (
    <>
      <IconButton
        label="Hold to see the picture before"
        tip="above"
        disabled={!isComparable}
        pressed={compare === 'held'}
        icon={<Eye size={19} />}
        onPointerDown={() => compareWith(desk, 'held')}
        onPointerUp={() => compareWith(desk, 'off')}
        onPointerLeave={() => compare === 'held' && compareWith(desk, 'off')}
        onKeyDown={({ key, repeat }) => key === ' ' && !repeat && compareWith(desk, 'held')}
        onKeyUp={({ key }) => key === ' ' && compareWith(desk, 'off')}
        onContextMenu={(event) => event.preventDefault()}
      />
      <IconButton
        label="Compare side by side"
        tip="above"
        disabled={!isComparable}
        pressed={compare === 'slider'}
        icon={<Columns2 size={19} />}
        onClick={() => toggleSlider(desk)}
      />
    </>
  );
}
