import { lazy, Suspense } from 'react';
import { brushed } from '../canvas/boxDrag.ts';
import { cellsPath, outlinePath } from '../canvas/outline.ts';
import { sheetOf } from '../store/editing.ts';
import { boxPlace } from './boxPlace.ts';
import { useStudio } from './desk.ts';
import type { StagePicture } from './useStagePicture.ts';
import styles from './CellLayer.module.css';

const TokenCard = lazy(() => import('./TokenCard.tsx'));

/** Single cells over the picture: pins, where the brush bites, the one that is looked at, and where the keyboard is. */
export function CellLayer({ place }: { place: StagePicture }) {
  const { grid, picture } = place;
  const count = grid.rows * grid.cols;
  const tool = useStudio((studio) => studio.tool);
  const pinned = useStudio(({ history }) => sheetOf({ history }).pinned);
  const biteMask = useStudio((studio) => studio.biteMask);
  const look = useStudio((studio) => studio.look);
  const bites = tool === 'brush' && biteMask?.length === count;
  const isLooking = tool === 'token' && look !== undefined && look < count;
  return (
    <g className={styles.cells} aria-hidden="true">
      {bites && <path className={styles.blunt} d={cellsPath((p) => biteMask[p] === 0, grid, picture)} />}
      {bites && <path className={styles.bite} d={outlinePath(biteMask, grid, picture)} />}
      {pinned?.length === count &&
        [...pinned.keys()].filter((p) => pinned[p] === 1).map((p) => <PinMark key={p} position={p} place={place} />)}
      {isLooking && <CellFrame position={look} size={1} place={place} className={styles.looked} />}
      <KeyCursor place={place} />
    </g>
  );
}

function PinMark({ position, place }: { position: number; place: StagePicture }) {
  const cell = { row: Math.floor(position / place.grid.cols), col: position % place.grid.cols, height: 1, width: 1 };
  const { x, y, width } = boxPlace(cell, place);
  const side = Math.min(18, width * 0.6);
  return (
    <g transform={`translate(${x + 2} ${y + 2}) scale(${side / 24})`} className={styles.pin}>
      <path d="M12 17v5M9 10.8a2 2 0 0 1-1.1 1.8l-1.8.9A2 2 0 0 0 5 15.2V16a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-.8a2 2 0 0 0-1.1-1.8l-1.8-.9A2 2 0 0 1 15 10.8V7a1 1 0 0 1 1-1 2 2 0 0 0 0-4H8a2 2 0 0 0 0 4 1 1 0 0 1 1 1z" />
    </g>
  );
}

/** Where arrow keys have taken whoever paints or looks by keyboard. */
function KeyCursor({ place }: { place: StagePicture }) {
  const tool = useStudio((studio) => studio.tool);
  const cursor = useStudio((studio) => studio.cursor);
  const brushSize = useStudio((studio) => studio.brushSize);
  if (!cursor || (tool !== 'brush' && tool !== 'eraser' && tool !== 'token')) return null;
  const size = tool === 'token' ? 1 : brushSize;
  const [first] = brushed({ row: cursor.row + 0.5, col: cursor.col + 0.5 }, size, place.grid);
  if (first === undefined) return null;
  return <CellFrame position={first} size={size} place={place} className={styles.cursor} />;
}

interface CellFrameProps {
  readonly position: number;
  readonly size: number;
  readonly place: StagePicture;
  readonly className: string | undefined;
}

function CellFrame({ position, size, place, className }: CellFrameProps) {
  const { rows, cols } = place.grid;
  const [row, col] = [Math.floor(position / cols), position % cols];
  const cell = { row, col, height: Math.min(size, rows - row), width: Math.min(size, cols - col) };
  return (
    <>
      <rect className={styles.frameDark} {...boxPlace(cell, place)} />
      <rect className={className} data-cell={position} {...boxPlace(cell, place)} />
    </>
  );
}

/** The card of the token that is looked at; it comes in a file of its own. */
export function LookedToken({ place }: { place: StagePicture }) {
  const look = useStudio((studio) => (studio.tool === 'token' ? studio.look : undefined));
  if (look === undefined || look >= place.grid.rows * place.grid.cols) return null;
  return (
    <Suspense>
      <TokenCard position={look} place={place} />
    </Suspense>
  );
}
