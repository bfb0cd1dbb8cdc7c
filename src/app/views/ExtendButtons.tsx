import { useState } from 'react';
import { extendedGrid, type Direction } from '../../core/panorama.ts';
import { extendPicture } from '../commands/extend.ts';
import { extensionProblem } from '../commands/extension.ts';
import { isEditing } from '../commands/edit.ts';
import { toolRoom } from '../canvas/viewport.ts';
import { sheetOf } from '../store/editing.ts';
import { modelGrid } from '../store/grids.ts';
import type { Studio } from '../store/studio.ts';
import { useDesk, useStudio } from './desk.ts';
import { extendSides } from './extendSides.tsx';
import { IconButton } from './IconButton.tsx';
import type { StagePicture } from './useStagePicture.ts';
import styles from './ExtendButtons.module.css';

/** How far the middle of a button stays from the edge of the stage, from the tools beside it and the bar below; CSS pixels. */
const REACH = 22;
const REACH_OF_BAR = 36;

/** A button on each side of a finished picture, while nothing else is drawn on it; it shows what it would add. */
export function ExtendButtons({ place }: { place: StagePicture }) {
  const isOffered = useStudio(isExtensionOffered);
  const [side, setSide] = useState<Direction>();
  if (!isOffered || place.frame.width === 0) return null;
  return (
    <fieldset className={styles.sides} aria-label="Extend the picture">
      {side && <Ghost place={place} side={side} />}
      {extendSides.map((one) => (
        <SideButton key={one.direction} {...one} place={place} onAim={setSide} />
      ))}
    </fieldset>
  );
}

type SideButtonProps = (typeof extendSides)[number] & {
  readonly place: StagePicture;
  readonly onAim: (side: Direction | undefined) => void;
};

function SideButton({ direction, label, keys, icon, place, onAim }: SideButtonProps) {
  const desk = useDesk();
  const problem = useStudio((studio) => extensionProblem(studio, direction));
  const isStaged = useStudio((studio) => studio.staged.length > 0);
  return (
    <IconButton
      label={label}
      icon={icon}
      tip={direction === 'down' ? 'above' : 'below'}
      aria-keyshortcuts={keys}
      data-side={direction}
      className={styles.side ?? ''}
      style={middleOf(direction, place, isStaged)}
      disabled={problem !== undefined}
      onPointerEnter={() => onAim(direction)}
      onPointerLeave={() => onAim(undefined)}
      onFocus={() => onAim(direction)}
      onBlur={() => onAim(undefined)}
      onClick={() => {
        onAim(undefined);
        void extendPicture(desk, direction);
      }}
    />
  );
}

/** The middle of a side of the picture, but always inside the stage and clear of its tools. */
function middleOf(direction: Direction, { frame, picture: { x, y, width, height } }: StagePicture, isStaged: boolean) {
  const within = (at: number, low: number, high: number): number => Math.min(high, Math.max(low, at));
  const room = toolRoom(frame.width, frame.height);
  const aside = room > 0 ? room + REACH / 2 : REACH;
  const left = { left: x, right: x + width, up: x + width / 2, down: x + width / 2 }[direction];
  const top = { left: y + height / 2, right: y + height / 2, up: y, down: y + height }[direction];
  return {
    left: within(left, aside, frame.width - aside),
    top: within(top, REACH, frame.height - (isStaged ? REACH_OF_BAR : REACH)),
  };
}

/** Where the new half would be. */
function Ghost({ side, place: { picture, grid } }: { side: Direction; place: StagePicture }) {
  const window = useStudio(modelGrid);
  const { grid: larger } = extendedGrid(grid, window, side);
  const width = (picture.width / grid.cols) * (larger.cols - grid.cols) || picture.width;
  const height = (picture.height / grid.rows) * (larger.rows - grid.rows) || picture.height;
  const left = { left: picture.x - width, right: picture.x + picture.width, up: picture.x, down: picture.x }[side];
  const top = { left: picture.y, right: picture.y, up: picture.y - height, down: picture.y + picture.height }[side];
  return <span className={styles.ghost} style={{ left, top, width, height }} />;
}

function isExtensionOffered(studio: Studio): boolean {
  const { job, tool, showing, frame, totalFrames, compare } = studio;
  const isFinished = (showing === 'result' || showing === 'live') && frame >= totalFrames;
  return isFinished && job.kind === 'idle' && tool === 'view' && compare === 'off' && !isEditing(sheetOf(studio));
}
