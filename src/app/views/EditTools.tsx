import {
  Brush,
  Eraser,
  FilePlus2,
  ImagePlus,
  Layers,
  MousePointer2,
  Redo2,
  ScanSearch,
  SquareDashed,
  Undo2,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { redoEdit, startBlank, takeTool, undoEdit } from '../commands/staging.ts';
import type { Tool } from '../store/editing.ts';
import { redoWords, undoWords } from '../store/history.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import { useIsPhone } from './useIsPhone.ts';
import styles from './EditTools.module.css';

const tools: readonly {
  readonly tool: Tool;
  readonly label: string;
  readonly word: string;
  readonly icon: ReactNode;
}[] = [
  { tool: 'view', label: 'Look and move (V)', word: 'Move', icon: <MousePointer2 size={19} /> },
  { tool: 'box', label: 'Draw a box to repaint (B)', word: 'Box', icon: <SquareDashed size={19} /> },
  { tool: 'brush', label: 'Brush: mark cells to repaint (P)', word: 'Brush', icon: <Brush size={19} /> },
  { tool: 'eraser', label: 'Eraser: unmark cells (E)', word: 'Erase', icon: <Eraser size={19} /> },
  { tool: 'token', label: 'Look at a token (X)', word: 'Token', icon: <ScanSearch size={19} /> },
];

/** What the pointer does on the picture, undo and redo, and other things to work on. */
export function EditTools() {
  const desk = useDesk();
  const isPhone = useIsPhone();
  const now = useStudio((studio) => studio.tool);
  const undoes = useStudio((studio) => undoWords(studio.history));
  const redoes = useStudio((studio) => redoWords(studio.history));
  const isIdle = useStudio((studio) => studio.job.kind === 'idle');
  return (
    <div className={styles.tools} role="toolbar" aria-label="Repaint" aria-orientation="vertical">
      {tools.map(({ tool, label, word, icon }) => (
        <IconButton
          key={tool}
          label={label}
          pressed={now === tool}
          className={styles.tool ?? ''}
          data-word={word}
          icon={icon}
          onClick={() => takeTool(desk, tool)}
        />
      ))}
      <span className={styles.line} />
      <IconButton
        label={undoes ? `Undo ${undoes}` : 'Undo'}
        disabled={!undoes || !isIdle}
        icon={<Undo2 size={18} />}
        onClick={() => undoEdit(desk)}
      />
      <IconButton
        label={redoes ? `Redo ${redoes}` : 'Redo'}
        disabled={!redoes || !isIdle}
        icon={<Redo2 size={18} />}
        onClick={() => redoEdit(desk)}
      />
      <span className={styles.line} />
      {isPhone ? <SheetButton /> : <Beginnings />}
    </div>
  );
}

/** On a phone: the list of boxes, and what else there is, in a sheet. */
function SheetButton() {
  const { store } = useDesk();
  return (
    <IconButton
      label="Boxes and more"
      tip="above"
      aria-haspopup="dialog"
      icon={<Layers size={19} />}
      onClick={() => store.getState().openDialog('boxes')}
    />
  );
}

/** Other things to work on: nothing yet, or a picture of one's own. */
function Beginnings() {
  const desk = useDesk();
  const isIdle = useStudio((studio) => studio.job.kind === 'idle');
  return (
    <>
      <IconButton
        label="Blank canvas"
        disabled={!isIdle}
        icon={<FilePlus2 size={18} />}
        onClick={() => startBlank(desk)}
      />
      <IconButton
        label="Your own picture"
        aria-haspopup="dialog"
        disabled={!isIdle}
        icon={<ImagePlus size={19} />}
        onClick={() => desk.store.getState().openDialog('import')}
      />
    </>
  );
}
