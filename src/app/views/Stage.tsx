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
      <span className={styles.name}>{name}</span>
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
  if (result?.origin?.kind === 'import') return { name: result.className, note: 'brought in by you' };
  if (result?.origin?.kind === 'edit' && result.origin.isByHand)
    return { name: result.className, note: 'a token set by hand' };
  if (result) {
    const cut = result.stopped ? `stopped at step ${result.steps} of ${result.settings.steps}, ` : '';
    return { name: result.className, note: `${cut}seed ${result.seed}` };
  }
  if (recording) return { name: classes?.[recording.classId]?.name ?? '', note: 'a recorded run' };
  if (showing === 'live') return { name: classes?.[wish.classId]?.name ?? '', note: `seed ${wish.seed}` };
  return { name: '', note: '' };
}
