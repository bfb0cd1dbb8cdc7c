import { BringToFront, CopyPlus, Ellipsis, Lock, Trash2 } from 'lucide-react';
import type { PaintBox } from '../../core/boxes.ts';
import { openBoxMenu } from '../commands/boxMenu.ts';
import {
  bringToFront,
  duplicateBox,
  gridOf,
  removeBox,
  setBoxClass,
  setBoxNumber,
  toggleLock,
} from '../commands/boxes.ts';
import { colourOf } from './boxPlace.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import { Stepper } from './Stepper.tsx';
import { Thumb } from './Thumb.tsx';
import styles from './EditPanel.module.css';

/** One box of the list: its number, class and size; when selected also its four numbers, for hands that do not drag. */
export function BoxRow({ box, number }: { box: PaintBox; number: number }) {
  const desk = useDesk();
  const { selectBox, openDialog } = desk.store.getState();
  const isSelected = useStudio((studio) => studio.selectedBox === box.id);
  const name = useStudio(({ manifest }) =>
    box.classId === undefined ? 'as the picture' : (manifest?.classes[box.classId]?.name ?? `class ${box.classId}`),
  );
  return (
    <li className={styles.box} data-colour={colourOf(number)} data-selected={isSelected || undefined}>
      <div className={styles.row}>
        <button
          type="button"
          className={styles.badge}
          aria-pressed={isSelected}
          aria-label={`Box ${number}: select`}
          onClick={() => selectBox(isSelected ? undefined : box.id)}
        >
          {number}
        </button>
        <button
          type="button"
          className={styles.class}
          aria-haspopup="dialog"
          aria-label={`Box ${number}: ${name}, change`}
          onClick={() => (selectBox(box.id), openDialog('classes'))}
        >
          {box.classId !== undefined && <Thumb classId={box.classId} size={28} />}
          <span className={styles.name}>{name}</span>
        </button>
        <span className={styles.size}>
          {box.width} × {box.height}
        </span>
        <MenuButton id={box.id} number={number} />
        <IconButton
          label={`Remove box ${number}`}
          tip="above"
          icon={<Trash2 size={17} />}
          onClick={() => removeBox(desk, box.id)}
        />
      </div>
      {isSelected && <BoxNumbers box={box} />}
    </li>
  );
}

function MenuButton({ id, number }: { id: number; number: number }) {
  const desk = useDesk();
  return (
    <IconButton
      label={`More for box ${number}`}
      tip="above"
      aria-haspopup="menu"
      icon={<Ellipsis size={18} />}
      onClick={({ currentTarget }) => {
        const { left, bottom } = currentTarget.getBoundingClientRect();
        openBoxMenu(desk, id, left, bottom);
      }}
    />
  );
}

function BoxNumbers({ box }: { box: PaintBox }) {
  const desk = useDesk();
  const isSame = box.classId === undefined;
  const classId = useStudio((studio) => studio.wish.classId);
  return (
    <div className={styles.more}>
      {box.locked ? <LockedLine box={box} /> : <BoxSteppers box={box} />}
      <div className={styles.row}>
        <label className={styles.same}>
          <input
            type="checkbox"
            checked={isSame}
            onChange={() => setBoxClass(desk, box.id, isSame ? classId : undefined)}
          />
          Same as the picture
        </label>
        <IconButton
          label="A copy of this box"
          tip="above"
          icon={<CopyPlus size={17} />}
          onClick={() => duplicateBox(desk, box.id)}
        />
        <IconButton
          label="Before the other boxes"
          tip="above"
          icon={<BringToFront size={17} />}
          onClick={() => bringToFront(desk, box.id)}
        />
      </div>
    </div>
  );
}

/** In the place of the numbers: why they cannot be changed, and the way out. */
function LockedLine({ box }: { box: PaintBox }) {
  const desk = useDesk();
  return (
    <p className={styles.locked}>
      <Lock size={14} aria-hidden="true" /> Locked in place.{' '}
      <button type="button" className={styles.link} onClick={() => toggleLock(desk, box.id)}>
        Unlock
      </button>
    </p>
  );
}

function BoxSteppers({ box }: { box: PaintBox }) {
  const desk = useDesk();
  const { rows, cols } = gridOf(desk);
  return (
    <div className={styles.numbers}>
      <Stepper
        label="Column"
        value={box.col + 1}
        max={cols}
        onChange={(n) => setBoxNumber(desk, box.id, 'col', n - 1)}
      />
      <Stepper label="Row" value={box.row + 1} max={rows} onChange={(n) => setBoxNumber(desk, box.id, 'row', n - 1)} />
      <Stepper label="Width" value={box.width} max={cols} onChange={(n) => setBoxNumber(desk, box.id, 'width', n)} />
      <Stepper label="Height" value={box.height} max={rows} onChange={(n) => setBoxNumber(desk, box.id, 'height', n)} />
    </div>
  );
}
