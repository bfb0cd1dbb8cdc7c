import { changedPerStep } from '../canvas/reel.ts';
import { useDesk, useStudio } from './desk.ts';
import styles from './StepBars.module.css';

/** Over the time line, one bar a step: how many tokens it fixed or changed. Few at first, many at the end, few again where it is corrected. */
export function StepBars() {
  const desk = useDesk();
  const reelId = useStudio((studio) => studio.reelId);
  const available = useStudio((studio) => studio.availableFrames);
  const total = useStudio((studio) => studio.totalFrames);
  const frame = useStudio((studio) => studio.frame);
  const reel = reelId === undefined ? undefined : desk.reels.get(reelId);
  const fixed = reel ? changedPerStep(reel).slice(0, available) : [];
  const most = Math.max(1, ...fixed);
  return (
    <div className={styles.bars} aria-hidden="true">
      {fixed.map((count, i) => (
        <span
          key={i}
          className={styles.bar}
          data-now={i + 1 === frame || undefined}
          data-ahead={i + 1 > frame || undefined}
          style={{ '--at': (i + 1) / total, '--height': count / most }}
        />
      ))}
    </div>
  );
}
