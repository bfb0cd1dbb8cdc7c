import type { ReactNode } from 'react';
import type { Direction } from '../../core/panorama.ts';
import { extendPicture } from '../commands/extend.ts';
import { extensionProblem } from '../commands/extension.ts';
import { className } from '../commands/desk.ts';
import { sheetOf } from '../store/editing.ts';
import { useDesk, useStudio } from './desk.ts';
import { extendSides } from './extendSides.tsx';
import { FrameField } from './FrameField.tsx';
import styles from './EditPanel.module.css';

/** Half a picture more on one of the four sides, painted as the chosen class; of a window, what is around it. */
export function ExtendField() {
  const desk = useDesk();
  const classId = useStudio((studio) => studio.wish.classId);
  const isIdle = useStudio((studio) => studio.job.kind === 'idle');
  const isBlank = useStudio((studio) => sheetOf(studio).baseId === undefined);
  const shown = useStudio(({ results, reelId }) => results.find(({ id }) => id === reelId));
  if (isBlank) return null;
  return (
    <fieldset className={styles.extend}>
      <legend className={styles.title}>Extend</legend>
      {extendSides.map(({ direction, label, keys, icon }) => (
        <Side key={direction} direction={direction} label={label} keys={keys} isIdle={isIdle}>
          {icon}
        </Side>
      ))}
      <p className={styles.hint}>
        Half a picture more on that side, as {className(desk, classId)}. Or drag an edge of the picture.
      </p>
      {shown?.frame && <FrameField result={shown} />}
    </fieldset>
  );
}

interface SideProps {
  readonly direction: Direction;
  readonly label: string;
  readonly keys: string;
  readonly isIdle: boolean;
  readonly children: ReactNode;
}

function Side({ direction, label, keys, isIdle, children }: SideProps) {
  const desk = useDesk();
  const problem = useStudio((studio) => extensionProblem(studio, direction));
  return (
    <button
      type="button"
      className={styles.way}
      aria-label={label}
      aria-keyshortcuts={keys}
      title={problem ?? `${label} (${keys.replace('Arrow', '')})`}
      disabled={!isIdle || problem !== undefined}
      onClick={() => {
        // On a phone the panel is a sheet over the picture.
        desk.store.getState().openDialog(undefined);
        void extendPicture(desk, direction);
      }}
    >
      {children}
    </button>
  );
}
