import { CircleAlert, Info, X } from 'lucide-react';
import { restartMachine } from '../commands/machine.ts';
import { makeRoom } from '../commands/results.ts';
import { copyReport } from '../commands/report.ts';
import type { Desk } from '../commands/desk.ts';
import { duration } from '../commands/words.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import { problems, type Remedy } from './problems.ts';
import styles from './ProblemCard.module.css';

const remedies: Record<Remedy, (desk: Desk) => void> = {
  retry: (desk) => void restartMachine(desk),
  reload: () => location.reload(),
  makeRoom: (desk) => void makeRoom(desk),
  dismiss: ({ store }) => store.getState().report(undefined),
};

/** What is wrong, why, what still works, and one thing to do about it. */
export function ProblemCard() {
  const desk = useDesk();
  const problem = useStudio((studio) => studio.problem);
  if (!problem) return null;
  const words = problems[problem.name];
  return (
    <section className={styles.card} role="alert" data-mild={words.isMild || undefined}>
      <CircleAlert className={styles.icon} size={20} aria-hidden="true" />
      <div className={styles.words}>
        <h2 className={styles.title}>{words.title}</h2>
        <p>
          {words.cause} <span className={styles.still}>{words.stillWorks}</span>
        </p>
      </div>
      <div className={styles.buttons}>
        <button type="button" className={styles.action} onClick={() => remedies[words.remedy](desk)}>
          {words.action}
        </button>
        <button type="button" className={styles.quiet} onClick={() => void copyReport(desk)}>
          Copy details
        </button>
      </div>
    </section>
  );
}

/** A software adapter is no error: it works, slowly, and we say how slowly. */
export function SoftwareNote() {
  const { store } = useDesk();
  const isSoftware = useStudio((studio) => studio.adapter?.isFallback ?? false);
  const isClosed = useStudio((studio) => studio.softwareNoteClosed);
  const stepMs = useStudio((studio) => studio.lastStepMs);
  if (!isSoftware || isClosed) return null;
  const pace = stepMs > 0 ? ` ${duration(stepMs)} a step.` : '';
  return (
    <section className={styles.note} aria-label="About this device">
      <Info className={styles.icon} size={17} aria-hidden="true" />
      <p>Slower here: no graphics card in use.{pace}</p>
      <IconButton label="Close" icon={<X size={16} />} onClick={() => store.getState().closeSoftwareNote()} />
    </section>
  );
}
