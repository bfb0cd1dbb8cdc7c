import { Advanced } from './Advanced.tsx';
import { ClassField } from './ClassField.tsx';
import { CountField } from './CountField.tsx';
import { useDesk } from './desk.ts';
import { EditPanel } from './EditPanel.tsx';
import { QualityField } from './QualityField.tsx';
import { useCanPaint } from './useCanPaint.ts';
import styles from './Controls.module.css';

/** Everything that a press of Generate asks for. */
export function Controls({ withClass = true }: { withClass?: boolean }) {
  if (!useCanPaint()) return <ReaderNote />;
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

/** What a tokenizer alone can do. */
function ReaderNote() {
  const { openDialog } = useDesk().store.getState();
  return (
    <div className={styles.controls}>
      <p>
        This model is a tokenizer alone: it reads a picture of yours into tokens and rebuilds it from them, so that you
        see what it keeps. To paint new pictures it needs the transformer that goes with it.
      </p>
      <button type="button" className={styles.bring} onClick={() => openDialog('bring')}>
        Bring the transformer
      </button>
    </div>
  );
}
