import { useState } from 'react';
import { extendedGrid, isSideways, type Direction } from '../../core/panorama.ts';
import { extendPicture } from '../commands/extend.ts';
import { extensionProblem } from '../commands/extension.ts';
import { isEditing } from '../commands/edit.ts';
import { counted } from '../commands/words.ts';
import { toolRoom } from '../canvas/viewport.ts';
import { sheetOf } from '../store/editing.ts';
import { modelGrid } from '../store/grids.ts';
import type { Studio } from '../store/studio.ts';
import { useDesk, useStudio } from './desk.ts';
import { extendSides } from './extendSides.tsx';
import { IconButton } from './IconButton.tsx';
import { useEdgeDrag, type Aim } from './useEdgeDrag.ts';
import type { StagePicture } from './useStagePicture.ts';
import styles from './ExtendButtons.module.css';

/** How far the middle of a button stays from the edge of the stage, from the tools beside it and the bar below; CSS pixels. */
const REACH = 22;
const REACH_OF_BAR = 36;
/** How far the strip that pulls a side reaches into the picture and out of it; CSS pixels. */
const INSIDE_PIXELS = 5;
const OUTSIDE_PIXELS = 10;

/** A button on each side of a finished picture, while nothing else is drawn on it; it shows what it would add. */
export function ExtendButtons({ place }: { place: StagePicture }) {
  const isOffered = useStudio(isExtensionOffered);
  const [aim, setAim] = useState<Aim>();
  if (!isOffered || place.frame.width === 0) return null;
  return (
    <fieldset className={styles.sides} aria-label="Extend the picture">
      {aim && <Ghost place={place} aim={aim} />}
      {extendSides.map((one) => (
        <SideOfPicture key={one.direction} {...one} place={place} isPulled={aim?.cells !== undefined} onAim={setAim} />
      ))}
    </fieldset>
  );
}

type SideProps = (typeof extendSides)[number] & {
  readonly place: StagePicture;
  /** A side is being pulled: the buttons step aside. */
  readonly isPulled: boolean;
  readonly onAim: (aim: Aim | undefined) => void;
};

/** A button for half a picture more, and the edge itself, which can be pulled to any length. */
function SideOfPicture({ direction, label, keys, icon, place, isPulled, onAim }: SideProps) {
  const desk = useDesk();
  const { handlers, wasPulled } = useEdgeDrag(direction, place, onAim);
  const problem = useStudio((studio) => extensionProblem(studio, direction));
  const isStaged = useStudio((studio) => studio.staged.length > 0);
  return (
    <>
      {problem === undefined && (
        <span className={styles.edge} data-edge={direction} style={edgeOf(direction, place)} {...handlers} />
      )}
      <IconButton
        label={label}
        icon={icon}
        tip={direction === 'down' ? 'above' : 'below'}
        aria-keyshortcuts={keys}
        data-side={direction}
        data-pulled={isPulled || undefined}
        className={styles.side ?? ''}
        {...handlers}
        style={middleOf(direction, place, isStaged)}
        disabled={problem !== undefined}
        onPointerEnter={() => !isPulled && onAim({ side: direction })}
        onPointerLeave={() => !isPulled && onAim(undefined)}
        onFocus={() => !isPulled && onAim({ side: direction })}
        onBlur={() => !isPulled && onAim(undefined)}
        onClick={() => {
          if (wasPulled()) return;
          onAim(undefined);
          void extendPicture(desk, direction);
        }}
      />
    </>
  );
}

/** The strip along a side that can be pulled: most of it outside the picture, where nothing else is. */
function edgeOf(direction: Direction, { picture: { x, y, width, height } }: StagePicture) {
  const [from, thick] = [INSIDE_PIXELS, INSIDE_PIXELS + OUTSIDE_PIXELS];
  return {
    left: { left: x - OUTSIDE_PIXELS, top: y, width: thick, height },
    right: { left: x + width - from, top: y, width: thick, height },
    up: { left: x, top: y - OUTSIDE_PIXELS, width, height: thick },
    down: { left: x, top: y + height - from, width, height: thick },
  }[direction];
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

/** Where the new part would be, and while it is pulled how large the picture becomes. */
function Ghost({ aim: { side, cells }, place: { picture, grid } }: { aim: Aim; place: StagePicture }) {
  const window = useStudio(modelGrid);
  const cell = useStudio(({ manifest }) => (manifest ? manifest.config.image.size / manifest.config.grid.cols : 1));
  const { grid: larger } = extendedGrid(grid, window, side, cells);
  const isWider = isSideways(side);
  const added = isWider
    ? (picture.width / grid.cols) * (larger.cols - grid.cols)
    : (picture.height / grid.rows) * (larger.rows - grid.rows);
  const [width, height] = isWider ? [added, picture.height] : [picture.width, added];
  const left = { left: picture.x - width, right: picture.x + picture.width, up: picture.x, down: picture.x }[side];
  const top = { left: picture.y, right: picture.y, up: picture.y - height, down: picture.y + picture.height }[side];
  return (
    <>
      <span className={styles.ghost} style={{ left, top, width, height }} />
      {cells !== undefined && (
        <span className={styles.pulled} style={{ left: left + width / 2, top: top + height / 2 }}>
          {cells === 0 ? 'Pull further' : `+ ${counted(cells, isWider ? 'column' : 'row')}`}
          <small>
            {larger.cols * cell} × {larger.rows * cell} px
          </small>
        </span>
      )}
    </>
  );
}

function isExtensionOffered(studio: Studio): boolean {
  const { job, tool, showing, frame, totalFrames, compare } = studio;
  const isFinished = (showing === 'result' || showing === 'live') && frame >= totalFrames;
  return isFinished && job.kind === 'idle' && tool === 'view' && compare === 'off' && !isEditing(sheetOf(studio));
}
