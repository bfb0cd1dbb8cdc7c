import { useId } from 'react';
import { growMask, type PaintBox } from '../../core/boxes.ts';
import type { Grid } from '../../core/grid.ts';
import { boxMask, unionOf, type TokenMask } from '../../core/mask.ts';
import { windowsOver } from '../../core/panorama.ts';
import { RING_CELLS, softRingCells } from '../../core/paste.ts';
import { cellsPath, outlinePath } from '../canvas/outline.ts';
import { IMPORT_HALO_CELLS, planOnShow } from '../commands/edit.ts';
import { marksOnShow } from '../commands/masks.ts';
import { boxesOnShow, sheetOf } from '../store/editing.ts';
import { modelGrid } from '../store/grids.ts';
import { isFromImport } from '../store/origin.ts';
import { colourOf } from './boxPlace.ts';
import { useStudio } from './desk.ts';
import type { StagePicture } from './useStagePicture.ts';
import styles from './EditLayer.module.css';

/** Every cell that will be painted anew, hatched in the colour of what paints it, and the ring that may blend. */
export function PlanLayer({ place }: { place: StagePicture }) {
  const id = useId();
  const history = useStudio((studio) => studio.history);
  const draft = useStudio((studio) => studio.draft);
  const free = useStudio(marksOnShow);
  const { baseId, pinned } = sheetOf({ history });
  const isImported = useStudio(({ results }) => isFromImport(results.find((one) => one.id === baseId)?.origin));
  const { grid, picture } = place;
  const boxes = boxesOnShow({ history, draft });
  const { mask } = planOnShow({ boxes, free, pinned }, grid, isImported);
  const size = useStudio(({ manifest }) => manifest?.config.image.size ?? 32);
  const isLive = useStudio((studio) => studio.livePicture !== undefined);
  if (!mask.includes(1) || isLive) return null;
  const owner = ownersOf(boxes, grid, 0);
  const halo = isImported ? ownersOf(boxes, grid, IMPORT_HALO_CELLS) : owner;
  const isRinged = baseId !== undefined;
  const ring = outlinePath(grown(mask, grid, isImported ? softRingCells(grid, size) : RING_CELLS), grid, picture);
  return (
    <g className={styles.plan} aria-hidden="true">
      <Unseen mask={mask} place={place} />
      <Hatches id={id} />
      {isRinged && [styles.ringDark, styles.ring].map((look) => <path key={look} className={look} d={ring} />)}
      <path
        fill={`url(#${id}free)`}
        data-plan="free"
        d={cellsPath((p) => mask[p] === 1 && owner[p] === -1 && free?.[p] === 1, grid, picture)}
      />
      {boxes.map((box, i) => (
        <path
          key={`halo${box.id}`}
          className={styles.halo}
          fill={`url(#${id}${colourOf(i + 1)})`}
          d={cellsPath((p) => mask[p] === 1 && owner[p] === -1 && halo[p] === i && free?.[p] !== 1, grid, picture)}
        />
      ))}
      {boxes.map((box, i) => (
        <path
          key={box.id}
          data-plan={i + 1}
          fill={`url(#${id}${colourOf(i + 1)})`}
          d={cellsPath((p) => mask[p] === 1 && owner[p] === i, grid, picture)}
        />
      ))}
    </g>
  );
}

/** Of a picture larger than the model's: what the model does not see while it paints, dimmed. */
function Unseen({ mask, place: { grid, picture } }: { mask: TokenMask; place: StagePicture }) {
  const window = useStudio(modelGrid);
  if (window.rows >= grid.rows && window.cols >= grid.cols) return null;
  const seen = unionOf(
    windowsOver(mask, grid, window).map((box) => boxMask(box, grid, 0)),
    grid,
  );
  return <path className={styles.unseen} data-unseen d={cellsPath((p) => seen[p] === 0, grid, picture)} />;
}

/** [positions] index of the box that paints a cell, where boxes overlap the later one; −1 where none does. */
function ownersOf(boxes: readonly PaintBox[], grid: Grid, reach: number): Int16Array {
  const owner = new Int16Array(grid.rows * grid.cols).fill(-1);
  boxes.forEach((box, i) => boxMask(box, grid, reach).forEach((inside, p) => inside === 1 && (owner[p] = i)));
  return owner;
}

function grown(mask: TokenMask, grid: Grid, times: number): TokenMask {
  return times > 0 ? grown(growMask(mask, grid), grid, times - 1) : mask;
}

function Hatches({ id }: { id: string }) {
  return (
    <defs>
      {[0, 1, 2, 3, 4, 5].map((colour) => (
        <Hatch key={colour} id={`${id}${colour}`} colour={colour} />
      ))}
      <Hatch id={`${id}free`} colour="free" />
    </defs>
  );
}

/** Slanted lines over a tint: seen without telling colours apart. */
function Hatch({ id, colour }: { id: string; colour: number | 'free' }) {
  return (
    <pattern
      id={id}
      width="10"
      height="10"
      patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"
      data-colour={colour}
    >
      <rect className={styles.tint} width="10" height="10" />
      <rect className={styles.lineDark} width="3.5" height="10" />
      <rect className={styles.line} x="0.5" width="2.5" height="10" />
    </pattern>
  );
}
