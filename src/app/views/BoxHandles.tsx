import { handles, type Handle, type PaintBox } from '../../core/boxes.ts';
import { boxPlace, colourOf } from './boxPlace.ts';
import type { StagePicture } from './useStagePicture.ts';
import styles from './EditLayer.module.css';

const HIT_MOUSE_PIXELS = 24;
const HIT_TOUCH_PIXELS = 44;
/** Handles in the middle of a side give way to those at its corners when the side is shorter than this many. */
const ROOM_IN_HANDLES = 3;

interface BoxHandlesProps {
  readonly box: PaintBox;
  readonly number: number;
  readonly place: StagePicture;
}

/** Eight places to take a box by; above everything else, so that none is hidden by another box. */
export function BoxHandles({ box, number, place }: BoxHandlesProps) {
  const hit = globalThis.matchMedia?.('(pointer: coarse)').matches ? HIT_TOUCH_PIXELS : HIT_MOUSE_PIXELS;
  const { x, y, width, height } = boxPlace(box, place);
  const shown = handles.filter(
    (handle) => handle.length === 2 || sideOf(handle, width, height) >= hit * ROOM_IN_HANDLES,
  );
  // In a small box the corners move out of it, so that the box itself can still be taken.
  const out = Math.min(width, height) < hit * 2 ? hit / 2 - 4 : 0;
  return (
    <g aria-hidden="true" data-colour={colourOf(number)}>
      {shown.map((handle) => {
        const [dx, dy] = directionOf(handle);
        const cx = x + (width * (dx + 1)) / 2 + dx * out;
        const cy = y + (height * (dy + 1)) / 2 + dy * out;
        const [wide, high] = handle.length === 2 ? [11, 11] : dx === 0 ? [22, 8] : [8, 22];
        return (
          <g key={handle} data-handle={handle} data-box={box.id} className={styles.handle} data-at={handle}>
            <rect className={styles.hit} x={cx - hit / 2} y={cy - hit / 2} width={hit} height={hit} />
            <rect className={styles.knob} x={cx - wide / 2} y={cy - high / 2} width={wide} height={high} rx={3} />
          </g>
        );
      })}
    </g>
  );
}

function sideOf(handle: Handle, width: number, height: number): number {
  return handle === 'n' || handle === 's' ? width : height;
}

/** −1, 0 or 1 along x and y. */
function directionOf(handle: Handle): [number, number] {
  const x = handle.includes('w') ? -1 : handle.includes('e') ? 1 : 0;
  const y = handle.includes('n') ? -1 : handle.includes('s') ? 1 : 0;
  return [x, y];
}
