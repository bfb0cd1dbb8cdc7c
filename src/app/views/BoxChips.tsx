import type { PaintBox } from '../../core/boxes.ts';
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
  const { store } = useDesk();
  const name = useStudio(({ manifest }) =>
    box.classId === undefined ? 'same' : (manifest?.classes[box.classId]?.name ?? `class ${box.classId}`),
  );
  const { x, y, width } = boxPlace(box, place);
  // Above the box, or inside it where the stage ends; never beyond the stage.
  const top = y - CHIP_HEIGHT - 4 >= 0 ? y - CHIP_HEIGHT - 4 : y + 5;
  const left = Math.max(0, Math.min(x - 2, place.frame.width - 96));
  return (
    <button
      type="button"
      tabIndex={-1}
      className={styles.chip}
      data-colour={colourOf(number)}
      data-quiet={isQuiet || undefined}
      data-chip={number}
      title={`Paint box ${number} as…`}
      style={{ left, top, maxWidth: Math.max(width + 4, 128) }}
      onClick={() => {
        store.getState().selectBox(box.id);
        store.getState().openDialog('classes');
      }}
    >
      <span className={styles.badge}>{number}</span>
      {box.classId !== undefined && <Thumb classId={box.classId} size={20} />}
      <span className={styles.name}>{name}</span>
    </button>
  );
}

function SizeLabel({ box, place }: { box: PaintBox; place: StagePicture }) {
  const { x, y, width, height } = boxPlace(box, place);
  return (
    <span className={styles.size} style={{ left: x + width / 2, top: y + height / 2 }}>
      {box.width} × {box.height}
    </span>
  );
}
