import { useLayoutEffect, useState } from 'react';
import { pictureBox, type Box } from '../canvas/viewport.ts';
import type { Grid } from '../../core/grid.ts';
import { shownGrid } from '../store/grids.ts';
import { useStudio } from './desk.ts';

/** Where the stage's canvas lies in its parent, and where the picture lies in the canvas; CSS pixels. */
export interface StagePicture {
  readonly frame: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly picture: Box;
  readonly grid: Grid;
}

/** Follows the canvas and the zoom, so that what lies over the picture stays on its cells. */
export function useStagePicture(): StagePicture {
  const viewport = useStudio((studio) => studio.viewport);
  const grid = useStudio(shownGrid);
  const [frame, setFrame] = useState({ left: 0, top: 0, width: 0, height: 0 });
  useLayoutEffect(() => {
    const canvas = document.getElementById('stage');
    if (!canvas) return undefined;
    const measure = () => {
      const { offsetLeft: left, offsetTop: top, clientWidth: width, clientHeight: height } = canvas;
      setFrame((now) =>
        now.left === left && now.top === top && now.width === width && now.height === height
          ? now
          : { left, top, width, height },
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(canvas);
    if (canvas.parentElement) observer.observe(canvas.parentElement);
    return () => observer.disconnect();
  }, []);
  return { frame, grid, picture: pictureBox(frame.width, frame.height, grid.cols / grid.rows, viewport) };
}
