import { useStudio } from './desk.ts';
import { loadWords } from './loadWords.ts';
import styles from './LoadLine.module.css';

/** Where the model is on its way: what happens now, how much of it is done, and what comes next. */
export function LoadLine() {
  const machine = useStudio((studio) => studio.machine);
  const isWaiting = useStudio((studio) => studio.job.kind === 'waiting');
  const words = loadWords(machine);
  if (!words) return null;
  return (
    <div className={styles.line}>
      <div className={styles.now}>
        <span>{words.now}</span>
        <span className={styles.amount}>{words.amount}</span>
      </div>
      <progress
        className={styles.bar}
        aria-label={words.now}
        max={1}
        {...(words.part === undefined ? {} : { value: words.part })}
      />
      <p className={styles.next}>{isWaiting ? 'Your picture starts by itself.' : words.next}</p>
    </div>
  );
}
