import { Pause, Play, X } from 'lucide-react';
import { cancelImport, convert, pauseImport } from '../commands/bring.ts';
import type { Conversion } from '../store/bringing.ts';
import { useDesk, useStudio } from './desk.ts';
import { conversionWords } from './importWords.ts';
import styles from './ImportTray.module.css';

/** The conversion while it goes on, rests or has failed: how far it is, and what can be done. */
export function ConversionBar() {
  const conversion = useStudio((studio) => studio.conversion);
  if (conversion.kind === 'none') return null;
  if (conversion.kind === 'done') {
    return (
      <output className={styles.done}>{conversion.card.name} is on this device, and works offline from now on.</output>
    );
  }
  return (
    <section className={styles.running} aria-label="Conversion">
      {conversion.kind === 'failed' ? (
        <p className={styles.bad} role="alert">
          {conversion.message}
        </p>
      ) : (
        <Progress conversion={conversion} />
      )}
      <Buttons isRunning={conversion.kind === 'running'} />
    </section>
  );
}

function Progress({ conversion }: { conversion: Extract<Conversion, { kind: 'running' | 'paused' }> }) {
  const isRunning = conversion.kind === 'running';
  const words = conversionWords(conversion.progress, isRunning ? conversion.ms : 0);
  return (
    <>
      <div className={styles.now}>
        <span>{isRunning ? words.now : 'Paused'}</span>
        <span className={styles.amount}>{words.amount}</span>
      </div>
      <progress
        className={styles.bar}
        aria-label={words.now}
        max={1}
        {...(words.part === undefined ? {} : { value: words.part })}
      />
      <p className={styles.rest}>
        {isRunning ? words.rest || 'A few pieces at a time, so that memory stays small.' : 'What was fetched is kept.'}
      </p>
    </>
  );
}

function Buttons({ isRunning }: { isRunning: boolean }) {
  const desk = useDesk();
  return (
    <div className={styles.buttons}>
      {isRunning ? (
        <button type="button" className={styles.secondary} onClick={() => pauseImport(desk)}>
          <Pause size={16} aria-hidden="true" /> Pause
        </button>
      ) : (
        <button type="button" className={styles.secondary} onClick={() => void convert(desk)}>
          <Play size={16} aria-hidden="true" /> Continue
        </button>
      )}
      <button type="button" className={styles.secondary} onClick={() => void cancelImport(desk)}>
        <X size={16} aria-hidden="true" /> Cancel
      </button>
    </div>
  );
}
