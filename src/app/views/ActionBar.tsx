import { LoadLine } from './LoadLine.tsx';
import { GenerateButton } from './GenerateButton.tsx';
import { SoftwareNote } from './ProblemCard.tsx';
import styles from './ActionBar.module.css';

/** The one button, and above it what the page is waiting for. */
export function ActionBar() {
  return (
    <div className={styles.bar}>
      <SoftwareNote />
      <LoadLine />
      <GenerateButton />
    </div>
  );
}
