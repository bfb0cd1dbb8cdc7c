import { Check, Pause, Play, SkipForward, X } from 'lucide-react';
import { cancelImport, convert, pauseImport } from '../commands/bring.ts';
import { skipComparison } from '../commands/finishImport.ts';
import type { Conversion, Made } from '../store/bringing.ts';
import { Button } from './Button.tsx';
import { useDesk, useStudio } from './desk.ts';
import { comparisonWords, conversionWords, madeWords, type ConversionWords } from './importWords.ts';
import styles from './ImportTray.module.css';

/** The conversion while it goes on, rests or has failed: how far it is, and what can be done; and what came of it. */
export function ConversionBar() {
  const conversion = useStudio((studio) => studio.conversion);
  if (conversion.kind === 'none') return null;
  if (conversion.kind === 'done') return <Done made={conversion.made} />;
  return (
    <section className={styles.running} aria-label="Conversion">
      {conversion.kind === 'failed' ? (
        <p className={styles.bad} role="alert">
          {conversion.message}
        </p>
      ) : (
        <Progress words={wordsOf(conversion)} />
      )}
      <Buttons kind={conversion.kind} />
    </section>
  );
}

function Done({ made }: { made: Made }) {
  const { store } = useDesk();
  const [first, ...more] = madeWords(made);
  return (
    <div className={styles.done}>
      <Check size={17} aria-hidden="true" />
      <output className={styles.told}>
        <strong>{first}</strong>
        {more.map((words) => (
          <span key={words} className={styles.detail}>
            {words}
          </span>
        ))}
      </output>
      {made.card.canPaint && (
        <Button kind="primary" isSmall onClick={() => store.getState().openDialog(undefined)}>
          Paint with it
        </Button>
      )}
    </div>
  );
}

type Going = Extract<Conversion, { kind: 'running' | 'paused' | 'comparing' }>;

function wordsOf(going: Going): ConversionWords {
  if (going.kind === 'comparing') return comparisonWords(going.progress, going.ms);
  if (going.kind === 'running') {
    const words = conversionWords(going.progress, going.ms);
    return { ...words, rest: words.rest || 'A few pieces at a time, so that memory stays small.' };
  }
  return { ...conversionWords(going.progress, 0), now: 'Paused', rest: 'What was fetched is kept.' };
}

function Progress({ words: { now, amount, rest, part } }: { words: ConversionWords }) {
  return (
    <>
      <div className={styles.now}>
        <span>{now}</span>
        <span className={styles.amount}>{amount}</span>
      </div>
      <progress className={styles.bar} aria-label={now} max={1} {...(part === undefined ? {} : { value: part })} />
      <p className={styles.rest}>{rest}</p>
    </>
  );
}

function Buttons({ kind }: { kind: Going['kind'] | 'failed' }) {
  const desk = useDesk();
  if (kind === 'comparing') {
    return (
      <div className={styles.buttons}>
        <Button onClick={() => skipComparison(desk)}>
          <SkipForward size={16} aria-hidden="true" /> Skip
        </Button>
      </div>
    );
  }
  return (
    <div className={styles.buttons}>
      {kind === 'running' ? (
        <Button onClick={() => pauseImport(desk)}>
          <Pause size={16} aria-hidden="true" /> Pause
        </Button>
      ) : (
        <Button onClick={() => void convert(desk)}>
          <Play size={16} aria-hidden="true" /> Continue
        </Button>
      )}
      <Button onClick={() => void cancelImport(desk)}>
        <X size={16} aria-hidden="true" /> Cancel
      </Button>
    </div>
  );
}
