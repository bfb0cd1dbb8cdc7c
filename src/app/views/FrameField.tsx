import { Crop } from 'lucide-react';
import { bringIn } from '../commands/importPicture.ts';
import { exportPng } from '../commands/results.ts';
import type { Result } from '../store/results.ts';
import { useDesk, useStudio } from './desk.ts';
import styles from './EditPanel.module.css';

/** A window of a larger picture: what saving gives, and the way to another part of it. */
export function FrameField({ result: { id, frame } }: { result: Result }) {
  const desk = useDesk();
  const isIdle = useStudio((studio) => studio.job.kind === 'idle');
  const placeAnew = async () => {
    const whole = await exportPng(desk, id, 'large');
    if (whole) bringIn(desk, whole);
  };
  return (
    <div className={styles.invitation}>
      <p className={styles.hint}>
        A part of your picture of {frame?.width} × {frame?.height} pixels; saving gives all of it. Extended, it becomes
        a picture of its own.
      </p>
      <button type="button" className={styles.way} disabled={!isIdle} onClick={() => void placeAnew()}>
        <Crop size={18} aria-hidden="true" /> Another part
      </button>
    </div>
  );
}
