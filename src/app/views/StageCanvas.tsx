import { useEffect, useRef } from 'react';
import { startPainter } from '../canvas/painter.ts';
import { listenToGestures } from '../canvas/gestures.ts';
import { cellKey } from '../commands/cellCursor.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { panned } from '../canvas/viewport.ts';
import { sheetOf } from '../store/editing.ts';
import { shownGrid } from '../store/grids.ts';
import type { Result } from '../store/results.ts';
import type { Studio } from '../store/studio.ts';
import { useDesk, useStudio } from './desk.ts';
import styles from './StageCanvas.module.css';

const arrows: Record<string, readonly [number, number]> = {
  ArrowLeft: [0.1, 0],
  ArrowRight: [-0.1, 0],
  ArrowUp: [0, 0.1],
  ArrowDown: [0, -0.1],
};

/** The canvas itself: pixels come from the painter, never from React. */
export function StageCanvas() {
  const desk = useDesk();
  const canvas = useRef<HTMLCanvasElement>(null);
  const isZoomed = useStudio((studio) => studio.viewport.zoom > 1);
  const label = useStudio(stageLabel);
  useEffect(() => {
    if (!canvas.current) return undefined;
    const stopPainter = startPainter(desk, canvas.current);
    const stopGestures = listenToGestures(desk.store, canvas.current);
    return () => (stopPainter(), stopGestures());
  }, [desk]);
  return (
    <canvas
      id="stage"
      ref={canvas}
      className={styles.canvas}
      data-zoomed={isZoomed || undefined}
      // oxlint-disable-next-line jsx-a11y/no-interactive-element-to-noninteractive-role -- arrow keys move the picture
      role="application"
      aria-roledescription="picture"
      aria-label={label}
      tabIndex={0}
      onKeyDown={(event) => {
        if (cellKey(desk, event)) {
          event.preventDefault();
          event.stopPropagation();
          return;
        }
        const by = arrows[event.key];
        if (!by || !isZoomed || event.shiftKey) return;
        event.preventDefault();
        desk.store.getState().view({ viewport: panned(desk.store.getState().viewport, ...by) });
      }}
    />
  );
}

/** The text alternative: what the picture is and how far it is. */
function stageLabel(studio: Studio): string {
  const { boxes } = sheetOf(studio);
  const words = pictureWords(studio);
  if (boxes.length === 0) return words;
  return `${words}; ${boxes.length === 1 ? '1 box' : `${boxes.length} boxes`} to repaint`;
}

function pictureWords(studio: Studio): string {
  const { showing, frame, totalFrames, reelId, results, recordings, manifest, wish } = studio;
  if (showing === 'nothing' || !manifest) return 'An empty stage';
  const result = results.find(({ id }) => id === reelId);
  const card = result ?? recordings.find((one) => one.reelId === reelId) ?? wish;
  const name = result?.className ?? manifest.classes[card.classId]?.name ?? `class ${card.classId}`;
  if (frame >= totalFrames) return `${name}, ${sizeWords(studio, manifest, result)}, finished`;
  return frame === 0 ? `${name}, everything masked` : `${name}, step ${frame} of ${totalFrames - 1}`;
}

function sizeWords(studio: Studio, { config: { image, grid } }: ModelManifest, result: Result | undefined): string {
  if (result?.frame) return `a part of ${result.frame.side} by ${result.frame.side} pixels`;
  const { rows, cols } = shownGrid(studio);
  const cell = image.size / grid.cols;
  const [width, height] = result?.pixels ?? [cols * cell, rows * cell];
  return `${width} by ${height} pixels`;
}
