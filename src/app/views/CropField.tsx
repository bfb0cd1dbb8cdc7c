import { useEffect, useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { cropSquare, MAX_CROP_ZOOM, type Crop } from '../canvas/crop.ts';
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
  readonly onChange: (crop: Crop) => void;
}

/** The whole picture with the square that is used; it moves by drag and by arrow keys, and a slider sizes it. */
export function CropField({ bitmap, crop, onChange }: CropFieldProps) {
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
        <Square bitmap={bitmap} crop={crop} onChange={onChange} />
      </div>
      <label className={styles.zoom}>
        <span>Closer</span>
        <input
          type="range"
          min={1}
          max={MAX_CROP_ZOOM}
          step={0.05}
          value={crop.zoom}
          onChange={({ target }) => onChange({ ...crop, zoom: Number(target.value) })}
        />
      </label>
    </div>
  );
}

/** The part that is used; the rest of the picture lies in shade. */
function Square({ bitmap, crop, onChange }: CropFieldProps) {
  const { width, height } = bitmap;
  const { left, top, side } = cropSquare(crop, bitmap);
  const percent = (part: number, of: number) => `${(part / of) * 100}%`;
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const shown = event.currentTarget.parentElement!.getBoundingClientRect();
    onChange({ ...crop, x: crop.x + event.movementX / shown.width, y: crop.y + event.movementY / shown.height });
  };
  const move = (event: KeyboardEvent) => {
    const by = arrows[event.key];
    if (!by) return;
    event.preventDefault();
    onChange({ ...crop, x: crop.x + by[0], y: crop.y + by[1] });
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
