import { Star } from 'lucide-react';
import { deleteResult, openResult } from '../commands/results.ts';
import type { Result } from '../store/results.ts';
import { cx } from './cx.ts';
import { useDesk, useStudio } from './desk.ts';
import styles from './Filmstrip.module.css';

/** Every picture that was made here, the newest first. Arrow keys walk, Delete deletes. */
export function Filmstrip() {
  const results = useStudio((studio) => studio.results);
  const job = useStudio((studio) => studio.job);
  const shown = useStudio((studio) => studio.reelId);
  const isPixelArt = useStudio((studio) => studio.manifest?.config.image.pixelArt ?? true);
  const coming = job.kind === 'running' ? job.pictures - job.picture + 1 : 0;
  const isShownHere = results.some(({ id }) => id === shown);
  if (results.length === 0 && coming === 0) return <EmptyStrip />;
  return (
    <ul className={styles.strip} aria-label={`${results.length} pictures, newest first`}>
      {coming > 0 && (
        <li className={styles.coming}>
          <Progress />
          {coming > 1 && <span className={styles.more}>+{coming - 1}</span>}
        </li>
      )}
      {results.map((result, i) => (
        <Frame
          key={result.id}
          result={result}
          isShown={result.id === shown}
          isEntry={isShownHere ? result.id === shown : i === 0}
          isPixelArt={isPixelArt}
        />
      ))}
    </ul>
  );
}

interface FrameProps {
  readonly result: Result;
  readonly isShown: boolean;
  /** Whether Tab comes here: one of the list only. */
  readonly isEntry: boolean;
  readonly isPixelArt: boolean;
}

function Frame({ result: { id, className, seed, starred, stopped, url }, isShown, isEntry, isPixelArt }: FrameProps) {
  const desk = useDesk();
  const words = [className, `seed ${seed}`, stopped && 'stopped early', starred && 'starred']
    .filter(Boolean)
    .join(', ');
  return (
    <li>
      <button
        type="button"
        className={styles.frame}
        tabIndex={isEntry ? 0 : -1}
        aria-label={words}
        aria-current={isShown || undefined}
        title={words}
        onClick={() => void openResult(desk, id)}
        onDoubleClick={() => void openResult(desk, id, true)}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          if (by === undefined && event.key !== 'Delete') return;
          event.preventDefault();
          if (by !== undefined) neighbour(event.currentTarget, by)?.click();
          else {
            (neighbour(event.currentTarget, 1) ?? neighbour(event.currentTarget, -1))?.focus();
            void deleteResult(desk, id);
          }
        }}
      >
        <img className={cx(styles.image, isPixelArt && styles.pixels)} src={url} alt="" />
        {starred && <Star className={styles.star} size={14} fill="currentColor" aria-hidden="true" />}
      </button>
    </li>
  );
}

function Progress() {
  const job = useStudio((studio) => studio.job);
  if (job.kind !== 'running') return null;
  return <span className={styles.pie} style={{ '--part': `${(job.step / job.steps) * 100}%` }} />;
}

function EmptyStrip() {
  return (
    <div className={styles.empty}>
      {Array.from({ length: 3 }, (_, i) => (
        <span key={i} className={styles.ghost} />
      ))}
      <p>Your pictures come here and stay on this device.</p>
    </div>
  );
}

/** The next frame of the strip, focused and in sight. */
function neighbour(from: HTMLButtonElement, by: number): HTMLButtonElement | undefined {
  const all = [...(from.closest('ul')?.querySelectorAll('button') ?? [])];
  const next = all[all.indexOf(from) + by];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  return next;
}
