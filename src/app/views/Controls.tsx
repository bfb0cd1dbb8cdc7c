import { Advanced } from './Advanced.tsx';
import { ClassField } from './ClassField.tsx';
import { CountField } from './CountField.tsx';
import { EditPanel } from './EditPanel.tsx';
import { QualityField } from './QualityField.tsx';
import styles from './Controls.module.css';

/** Everything that a press of Generate asks for. */
export function Controls({ withClass = true }: { withClass?: boolean }) {
  return (
    <div className={styles.controls}>
      {withClass && <ClassField />}
      {withClass && <EditPanel />}
      <QualityField />
      <CountField />
      <Advanced />
    </div>
  );
}
