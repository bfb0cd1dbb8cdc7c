import { useEffect, useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import type { Crop, Square } from '../canvas/crop.ts';
import styles from './ImportView.module.css';

const SHOWN_PIXELS = 640;
/** A tall picture is shown no higher than this, in CSS pixels. */
const SHOWN_HIGH = 300;
const STEP = 0.02;
const arrows: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

interface CropFieldProps {
  readonly bitmap: ImageBitmap;
  readonly crop: Crop;
  /** What is used, in pixels of the picture. */
  readonly square: Square;
  readonly onMove: (x: number, y: number) => void;
  /** The slider that sizes the square. */
  readonly children: ReactNode;
}

/** The whole picture with the square that is used; it moves by drag and by arrow keys, and a slider sizes it. */
export function CropField({ children, ...field }: CropFieldProps) {
  const { bitmap } = field;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = bitmap;
  useEffect(() => {
    const scale = Math.min(1, SHOWN_PIXELS / Math.max(width, height));
    if (!canvas.current) return;
    canvas.current.width = Math.max(1, Math.round(width * scale));
    canvas.current.height = Math.max(1, Math.round(height * scale));
    canvas.current.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.current.width, canvas.current.height);
  }, [bitmap, width, height]);
  const shownWidth = `min(100%, ${(SHOWN_HIGH * width) / height}px)`;
  return (
    <div className={styles.field}>
      <div className={styles.whole} style={{ aspectRatio: `${width} / ${height}`, width: shownWidth }}>
        <canvas ref={canvas} className={styles.source} aria-hidden="true" />
        <Frame {...field} />
      </div>
      {children}
    </div>
  );
}

/** The part that is used; the rest of the picture lies in shade. */
function Frame({ bitmap, crop, square, onMove }: Omit<CropFieldProps, 'children'>) {
  const { width, height } = bitmap;
  const { left, top, side } = square;
  const percent = (part: number, of: number) => `${(part / of) * 100}%`;
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const shown = event.currentTarget.parentElement!.getBoundingClientRect();
    onMove(crop.x + event.movementX / shown.width, crop.y + event.movementY / shown.height);
  };
  const move = (event: KeyboardEvent) => {
    const by = arrows[event.key];
    if (!by) return;
    event.preventDefault();
    onMove(crop.x + by[0], crop.y + by[1]);
  };
  return (
    <button
      type="button"
      className={styles.square}
      aria-label="Part of the picture to use; arrow keys move it"
      style={{
        left: percent(left, width),
        top: percent(top, height),
        width: percent(side, width),
        height: percent(side, height),
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={move}
    />
  );
}
