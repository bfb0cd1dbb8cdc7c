import { useEffect, useRef } from 'react';
import type { Picture } from '../../core/engine.ts';
import { cx } from './cx.ts';
import styles from './ImportView.module.css';

interface PictureCanvasProps {
  readonly picture: Picture | undefined;
  readonly isPixelArt: boolean;
  readonly label: string;
}

/** Pixels of the engine, shown as they are. */
export function PictureCanvas({ picture, isPixelArt, label }: PictureCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current || !picture) return;
    canvas.current.width = picture.width;
    canvas.current.height = picture.height;
    const data = new ImageData(picture.rgba, picture.width, picture.height);
    canvas.current.getContext('2d')?.putImageData(data, 0, 0);
  }, [picture]);
  return (
    <canvas
      ref={canvas}
      className={cx(styles.picture, isPixelArt && styles.pixels)}
      width="1"
      height="1"
      aria-label={picture ? label : `${label}: not there yet`}
    />
  );
}
