import { useEffect, useRef, type PointerEvent as ReactPointerEvent } from 'react';
import { extendedGrid, isSideways, roomFor, type Direction } from '../../core/panorama.ts';
import { fitted, pictureBox, viewportOf } from '../canvas/viewport.ts';
import { extendPicture } from '../commands/extend.ts';
import { modelGrid } from '../store/grids.ts';
import { useDesk } from './desk.ts';
import type { StagePicture } from './useStagePicture.ts';

/** A press is a drag from here on, and every further so many pixels outwards are a cell more; CSS pixels. */
const DRAG_PIXELS = 6;
const PIXELS_A_CELL = 14;

/** The side that would be extended, and by how many cells; undefined `cells` are half a picture. */
export interface Aim {
  readonly side: Direction;
  readonly cells?: number;
}

interface Pull {
  readonly pointer: number;
  readonly x: number;
  readonly y: number;
  cells: number | undefined;
}

/**
 * Pulls a side of the picture outwards, cell by cell; letting go paints what was pulled. Meanwhile the picture steps back,
 * so that what would be new is in sight. Esc, or pushing the side back, gives up.
 */
export function useEdgeDrag(side: Direction, place: StagePicture, onAim: (aim: Aim | undefined) => void) {
  const desk = useDesk();
  const pull = useRef<Pull>(undefined);
  const wasPulled = useRef(false);
  const { store } = desk;
  const end = () => {
    if (pull.current?.cells !== undefined) store.getState().view({ viewport: fitted });
    pull.current = undefined;
    onAim(undefined);
  };
  useEscape(() => pull.current !== undefined && (end(), true));
  const follow = (event: ReactPointerEvent) => {
    const { current } = pull;
    if (current?.pointer !== event.pointerId) return;
    const { x, y } = { x: event.clientX - current.x, y: event.clientY - current.y };
    const outwards = { left: -x, right: x, up: -y, down: y }[side];
    if (current.cells === undefined && outwards < DRAG_PIXELS) return;
    const window = modelGrid(store.getState());
    const most = roomFor(place.grid, window, side);
    const cells = Math.max(0, Math.min(most, Math.round(outwards / PIXELS_A_CELL)));
    if (cells === current.cells) return;
    current.cells = cells;
    wasPulled.current = true;
    const ofWindow = isSideways(side) ? window.cols : window.rows;
    const room = Math.max(1, Math.ceil(cells / ofWindow)) * ofWindow;
    store.getState().view({ viewport: steppedBack(place, side, room) });
    onAim({ side, cells });
  };
  return {
    /** Whether the press that ends now was a pull, and no click. */
    wasPulled: () => wasPulled.current,
    handlers: {
      onPointerDown: (event: ReactPointerEvent) => {
        wasPulled.current = false;
        if (event.button !== 0 || !event.isPrimary) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        pull.current = { pointer: event.pointerId, x: event.clientX, y: event.clientY, cells: undefined };
      },
      onPointerMove: follow,
      onPointerUp: () => {
        const cells = pull.current?.cells;
        end();
        if (cells) void extendPicture(desk, side, cells);
      },
      onPointerCancel: end,
    },
  };
}

/** Esc is for `giveUp` first, where that says so. */
function useEscape(giveUp: () => boolean) {
  useEffect(() => {
    const answer = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && giveUp()) event.stopPropagation();
    };
    document.addEventListener('keydown', answer, true);
    return () => document.removeEventListener('keydown', answer, true);
  });
}

/** The view in which the picture with `room` cells more on a side is wholly in sight. */
function steppedBack({ frame, grid }: StagePicture, side: Direction, room: number) {
  const { grid: larger, at } = extendedGrid(grid, grid, side, room);
  const whole = pictureBox(frame.width, frame.height, larger.cols / larger.rows, fitted);
  const cell = whole.width / larger.cols;
  const box = {
    x: whole.x + at.col * cell,
    y: whole.y + at.row * cell,
    width: at.width * cell,
    height: at.height * cell,
  };
  return viewportOf(frame.width, frame.height, box);
}
