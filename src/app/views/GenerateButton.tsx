import { ImageUp, Play, Sparkles, Square } from 'lucide-react';
import { generateOrStop } from '../commands/generate.ts';
import { playNextRecording } from '../commands/recordings.ts';
import { repaintWords } from '../commands/staging.ts';
import type { Running } from '../store/job.ts';
import { useDesk, useStudio } from './desk.ts';
import { isApple } from './keyNames.ts';
import { useCanPaint } from './useCanPaint.ts';
import styles from './GenerateButton.module.css';

/** Starts a picture; while one is being made, stops it. Without an engine it plays what is recorded. */
export function GenerateButton() {
  const desk = useDesk();
  const job = useStudio((studio) => studio.job);
  const count = useStudio((studio) => studio.wish.count);
  const repaint = useStudio(() => repaintWords(desk));
  const machine = useStudio((studio) => studio.machine.kind);
  const hasModel = useStudio((studio) => studio.manifest !== undefined);
  const canPaint = useCanPaint();
  const hasRecordings = useStudio((studio) => studio.recordings.length > 0);
  if (machine === 'failed') {
    return (
      <button type="button" className={styles.button} disabled={!hasRecordings} onClick={() => playNextRecording(desk)}>
        <Play size={19} aria-hidden="true" /> Play a recording
      </button>
    );
  }
  if (!canPaint) {
    return (
      <button type="button" className={styles.button} onClick={() => desk.store.getState().openDialog('import')}>
        <ImageUp size={19} aria-hidden="true" /> Read a picture
      </button>
    );
  }
  const press = () => generateOrStop(desk);
  if (job.kind === 'idle') {
    return (
      <button type="button" className={styles.button} data-generate disabled={!hasModel} onClick={press}>
        <Sparkles size={19} aria-hidden="true" />{' '}
        <span>{repaint ?? (count > 1 ? `Generate ${count}` : 'Generate')}</span>
        <span className={styles.keys} aria-hidden="true">
          {isApple ? '⌘' : 'Ctrl'} ↵
        </span>
      </button>
    );
  }
  return (
    <button type="button" className={styles.button} data-stop onClick={press}>
      <Square size={16} aria-hidden="true" fill="currentColor" />
      {job.kind === 'waiting' ? 'Cancel' : `Stop${whichOf(job)}`}
    </button>
  );
}

/** " 1 of 4", or " 1–4 of 8" where four are painted together; nothing of a single picture. */
function whichOf({ picture, together, pictures }: Running): string {
  if (pictures === 1) return '';
  return together > 1 ? ` ${picture}–${picture + together - 1} of ${pictures}` : ` ${picture} of ${pictures}`;
}
