import type { KeyboardEvent } from 'react';
import type { PaintBox } from '../../core/boxes.ts';
import type { Desk } from '../commands/desk.ts';
import { boxWords, nudgeBox, removeBox } from '../commands/boxes.ts';
import { openBoxMenu } from '../commands/boxMenu.ts';
import { boxPlace, colourOf } from './boxPlace.ts';
import { useDesk, useStudio } from './desk.ts';
import type { StagePicture } from './useStagePicture.ts';
import styles from './EditLayer.module.css';

interface BoxShapeProps {
  readonly box: PaintBox;
  readonly number: number;
  readonly place: StagePicture;
  /** While a result is looked at, boxes step back. */
  readonly isQuiet: boolean;
}

/** A box on the picture: something to focus, to drag and to move by arrow keys. Three strokes read on any picture. */
export function BoxShape({ box, number, place, isQuiet }: BoxShapeProps) {
  const desk = useDesk();
  const isSelected = useStudio((studio) => studio.selectedBox === box.id);
  const { x, y, width, height } = boxPlace(box, place);
  const ring = (by: number) => ({
    x: x - by,
    y: y - by,
    width: Math.max(0, width + 2 * by),
    height: Math.max(0, height + 2 * by),
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (onBoxKey(event)) event.preventDefault();
  };
  const onBoxKey = (event: KeyboardEvent): boolean => {
    const { openDialog, selectBox } = desk.store.getState();
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey))
      openMenuAt(desk, box.id, event.currentTarget);
    else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && !event.shiftKey) openDialog('classes');
    else if (event.key === 'Delete' || event.key === 'Backspace')
      leave(event.currentTarget, () => removeBox(desk, box.id));
    else if (event.key === 'Escape') leave(event.currentTarget, () => selectBox(undefined));
    else return nudgeBox(desk, box.id, event);
    return true;
  };
  return (
    <g
      data-box={box.id}
      data-colour={colourOf(number)}
      data-quiet={isQuiet || undefined}
      data-selected={isSelected || undefined}
      data-locked={box.locked || undefined}
      className={styles.box}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- SVG has no such elements
      role="button"
      aria-roledescription="box"
      aria-haspopup="dialog"
      aria-label={boxWords(desk, box.id)}
      aria-keyshortcuts="Enter Delete Shift+F10 ArrowUp ArrowDown ArrowLeft ArrowRight"
      tabIndex={0}
      onFocus={() => desk.store.getState().selectBox(box.id)}
      onKeyDown={onKeyDown}
    >
      <rect className={styles.grab} {...ring(0)} />
      <rect className={styles.dark} {...ring(2)} rx={3} />
      <rect className={styles.colour} {...ring(0.5)} rx={1.5} />
      <rect className={styles.bright} {...ring(-1.5)} />
      <rect className={styles.focus} {...ring(6)} rx={6} />
    </g>
  );
}

/** The menu of a box in the middle of something. */
function openMenuAt(desk: Desk, id: number, target: EventTarget & Element): void {
  const { left, top, width, height } = target.getBoundingClientRect();
  openBoxMenu(desk, id, left + width / 2, top + height / 2);
}

/** Do what takes the focus away from a box, and give it to the picture. */
function leave(shape: EventTarget, act: () => void): void {
  act();
  if (shape instanceof SVGElement) shape.blur();
  document.getElementById('stage')?.focus({ preventScroll: true });
}
