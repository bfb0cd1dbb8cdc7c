import type { Result } from '../store/results.ts';
import { useStudio } from './desk.ts';
import { EditLayer } from './EditLayer.tsx';
import { EditTools } from './EditTools.tsx';
import { ResultActions } from './ResultActions.tsx';
import { Scrubber } from './Scrubber.tsx';
import { StageCanvas } from './StageCanvas.tsx';
import { StageTools } from './StageTools.tsx';
import { StagingBar } from './StagingBar.tsx';
import { useCanPaint } from './useCanPaint.ts';
import styles from './Stage.module.css';

/** The picture in the making, with what belongs to it above and below. */
export function Stage() {
  const canPaint = useCanPaint();
  return (
    <div className={styles.stage}>
      <div className={styles.head}>
        <StageTitle />
        <ResultActions />
      </div>
      <div className={styles.middle}>
        <StageCanvas />
        <EditLayer />
        <StagingBar />
        {canPaint && <EditTools />}
        <StageTools />
      </div>
      <Scrubber />
    </div>
  );
}

function StageTitle() {
  const { name, note } = useStageWords();
  return (
    <h2 className={styles.title}>
      <span className={styles.name} title={name}>
        {name}
      </span>
      <span className={styles.note}>{note}</span>
    </h2>
  );
}

/** What is on the stage, in words. */
function useStageWords(): { name: string; note: string } {
  const showing = useStudio((studio) => studio.showing);
  const result = useStudio(({ results, reelId }) => results.find(({ id }) => id === reelId));
  const recording = useStudio(({ recordings, reelId }) => recordings.find((card) => card.reelId === reelId));
  const classes = useStudio((studio) => studio.manifest?.classes);
  const wish = useStudio((studio) => studio.wish);
  if (result) return resultWords(result);
  if (recording) return { name: classes?.[recording.classId]?.name ?? '', note: 'a recorded run' };
  if (showing === 'live') return { name: classes?.[wish.classId]?.name ?? '', note: `seed ${wish.seed}` };
  return { name: '', note: '' };
}

function resultWords({ className: name, origin, stopped, steps, settings, seed }: Result): {
  name: string;
  note: string;
} {
  if (origin?.kind === 'import') return { name, note: 'brought in by you' };
  if (origin?.isByHand) return { name, note: 'a token set by hand' };
  const cut = stopped ? `stopped at step ${steps} of ${settings.steps + settings.corrections}, ` : '';
  return { name, note: `${cut}seed ${seed}` };
}
