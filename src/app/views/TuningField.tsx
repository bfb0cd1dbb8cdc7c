import { useEffect } from 'react';
import { orderTuning } from '../commands/tuning.ts';
import { useDesk, useStudio } from './desk.ts';
import styles from './SettingsView.module.css';
import { tuningWords } from './tuningWords.ts';

/** What was timed on this device, and two buttons to do it again or to forget it. */
export function TuningField() {
  const desk = useDesk();
  const tuning = useStudio((studio) => studio.tuning);
  const isMeasuring = useStudio((studio) => studio.isMeasuring);
  const isReady = useStudio((studio) => studio.machine.kind === 'ready');
  useEffect(() => {
    if (isReady && !desk.store.getState().isMeasuring) void orderTuning(desk, 'look');
  }, [desk, isReady]);
  if (!isReady || tuning === undefined) return null;
  const isTimed = tuning.products.some(({ ms }) => ms !== undefined);
  return (
    <>
      <output>{isMeasuring ? 'Timing this device …' : tuningWords(tuning)}</output>
      {!tuning.isSoftware && (
        <div className={styles.row}>
          <button
            type="button"
            className={styles.copy}
            disabled={isMeasuring}
            onClick={() => void orderTuning(desk, 'anew')}
          >
            {isTimed ? 'Measure again' : 'Measure now'}
          </button>
          <button
            type="button"
            className={styles.copy}
            disabled={isMeasuring || !isTimed}
            onClick={() => void orderTuning(desk, 'forget')}
          >
            Forget
          </button>
        </div>
      )}
    </>
  );
}
