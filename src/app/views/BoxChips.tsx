import { Lock, X } from 'lucide-react';
import type { PaintBox } from '../../core/boxes.ts';
import { openBoxMenu } from '../commands/boxMenu.ts';
import { removeBox } from '../commands/boxes.ts';
import { boxPlace, colourOf } from './boxPlace.ts';
import { useDesk, useStudio } from './desk.ts';
import { Thumb } from './Thumb.tsx';
import type { StagePicture } from './useStagePicture.ts';
import styles from './EditLayer.module.css';

const CHIP_HEIGHT = 28;

interface BoxChipsProps {
  readonly boxes: readonly PaintBox[];
  readonly place: StagePicture;
  readonly isQuiet: boolean;
}

/** What each box is painted as, written at the box itself; a press opens the classes. The keyboard has Enter on the box. */
export function BoxChips({ boxes, place, isQuiet }: BoxChipsProps) {
  const draft = useStudio((studio) => studio.draft);
  return (
    <div className={styles.chips} aria-hidden="true">
      {boxes.map((box, i) => (
        <BoxChip key={box.id} box={box} number={i + 1} place={place} isQuiet={isQuiet} />
      ))}
      {draft && <SizeLabel box={draft} place={place} />}
    </div>
  );
}

function BoxChip({ box, number, place, isQuiet }: { box: PaintBox; number: number } & Omit<BoxChipsProps, 'boxes'>) {
  const desk = useDesk();
  const { store } = desk;
  const isSelected = useStudio((studio) => studio.selectedBox === box.id);
  const name = useStudio(({ manifest }) =>
    box.classId === undefined ? 'same' : (manifest?.classes[box.classId]?.name ?? `class ${box.classId}`),
  );
  const { x, y, width } = boxPlace(box, place);
  // Above the box, or inside it where the stage ends; never beyond the stage.
  const top = y - CHIP_HEIGHT - 4 >= 0 ? y - CHIP_HEIGHT - 4 : y + 5;
  const left = Math.max(0, Math.min(x - 2, place.frame.width - 124));
  return (
    <div
      className={styles.chip}
      data-colour={colourOf(number)}
      data-quiet={isQuiet || undefined}
      style={{ left, top, maxWidth: Math.max(width + 4, 160) }}
      onContextMenu={(event) => (event.preventDefault(), openBoxMenu(desk, box.id, event.clientX, event.clientY))}
    >
      <button
        type="button"
        tabIndex={-1}
        className={styles.word}
        data-chip={number}
        title={`Paint box ${number} as…`}
        onClick={() => (store.getState().selectBox(box.id), store.getState().openDialog('classes'))}
      >
        <span className={styles.badge}>{number}</span>
        {box.classId !== undefined && <Thumb classId={box.classId} size={20} />}
        <span className={styles.name}>{name}</span>
        {box.locked && <Lock size={13} />}
      </button>
      {isSelected && !isQuiet && (
        <button
          type="button"
          tabIndex={-1}
          className={styles.remove}
          title={`Remove box ${number}`}
          onClick={() => removeBox(desk, box.id)}
        >
          <X size={15} />
        </button>
      )}
    </div>
  );
}

function SizeLabel({ box, place }: { box: PaintBox; place: StagePicture }) {
  const { x, y, width, height } = boxPlace(box, place);
  const cell = useStudio(({ manifest }) => (manifest ? manifest.config.image.size / manifest.config.grid.cols : 1));
  return (
    <span className={styles.size} style={{ left: x + width / 2, top: y + height / 2 }}>
      {box.width} × {box.height} cells{' '}
      <small>
        {box.width * cell} × {box.height * cell} px
      </small>
    </span>
  );
}
