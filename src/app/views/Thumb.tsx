import { assetUrl } from '../commands/desk.ts';
import { cx } from './cx.ts';
import { useDesk, useStudio } from './desk.ts';
import styles from './Thumb.module.css';

/** The class's thumbnail out of the model's sheet, or its first letter where the model has none. */
export function Thumb({ classId, size, className }: { classId: number; size: number; className?: string | undefined }) {
  const desk = useDesk();
  const manifest = useStudio((studio) => studio.manifest);
  const { classThumbnails, thumbnailCols: cols = 1 } = manifest?.assets ?? {};
  const count = manifest?.classes.length ?? 0;
  const box = { width: size, height: size };
  if (!manifest || !classThumbnails) {
    return (
      <span className={cx(styles.thumb, className)} style={box} aria-hidden="true">
        {manifest && sign(manifest.classes[classId]?.name ?? '')}
      </span>
    );
  }
  const rows = Math.ceil(count / cols);
  const place = (at: number, of: number): string => `${of > 1 ? (at / (of - 1)) * 100 : 0}%`;
  const image = {
    backgroundImage: `url("${assetUrl(desk, classThumbnails)}")`,
    backgroundSize: `${cols * 100}% ${rows * 100}%`,
    backgroundPosition: `${place(classId % cols, cols)} ${place(Math.floor(classId / cols), rows)}`,
    ...(manifest.config.image.pixelArt ? { imageRendering: 'pixelated' as const } : {}),
  };
  return <span className={cx(styles.thumb, className)} style={{ ...box, ...image }} aria-hidden="true" />;
}

/** The first letter of a name, or the number of a class that has none. */
function sign(name: string): string {
  return /^class (\d+)$/.exec(name)?.[1] ?? name.slice(0, 1);
}
