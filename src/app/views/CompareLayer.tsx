import { useEffect, useState, type CSSProperties, type PointerEvent } from 'react';
import type { Grid } from '../../core/grid.ts';
import type { Box } from '../../core/mask.ts';
import { readReel } from '../commands/results.ts';
import type { PictureSource } from '../canvas/reel.ts';
import { sheetOf } from '../store/editing.ts';
import type { Origin } from '../store/origin.ts';
import { cx } from './cx.ts';
import { useDesk, useStudio } from './desk.ts';
import type { StagePicture } from './useStagePicture.ts';
import styles from './CompareLayer.module.css';

/** The picture before the edit, over the result: whole while a key is held, or left of a line that can be moved. */
export function CompareLayer({ place: { picture, grid } }: { place: StagePicture }) {
  const compare = useStudio((studio) => studio.compare);
  const before = useBasePicture();
  const split = useStudio((studio) => studio.split);
  const at = useStudio(({ results, reelId }) => extendedAt(results.find(({ id }) => id === reelId)?.origin));
  const isPixelArt = useStudio((studio) => studio.manifest?.config.image.pixelArt ?? true);
  if (compare === 'off' || !before) return null;
  const { x: left, y: top, width, height } = picture;
  const clip: CSSProperties = compare === 'slider' ? { clipPath: `inset(0 ${100 - split * 100}% 0 0)` } : {};
  return (
    <div className={styles.compare} style={{ left, top, width, height }}>
      <div className={cx(styles.before, at && styles.smaller)} style={clip}>
        <img
          className={cx(styles.image, isPixelArt && styles.pixels)}
          src={before.url}
          alt=""
          style={at && partOf(at, grid)}
        />
      </div>
      {(compare === 'held' || split > 0.2) && <span className={styles.word}>before</span>}
      {compare === 'slider' && split < 0.8 && (
        <span className={styles.word} data-side="after">
          after
        </span>
      )}
      {compare === 'slider' && <SplitLine width={width} left={left} />}
    </div>
  );
}

/** Where the picture before lies, when it was extended. */
function extendedAt(origin: Origin | undefined): Box | undefined {
  return origin?.kind === 'edit' ? origin.extended?.at : undefined;
}

function partOf({ row, col, height, width }: Box, { rows, cols }: Grid): CSSProperties {
  const percent = (part: number, of: number): string => `${(part / of) * 100}%`;
  return {
    left: percent(col, cols),
    top: percent(row, rows),
    width: percent(width, cols),
    height: percent(height, rows),
  };
}

function SplitLine({ width, left }: { width: number; left: number }) {
  const { store } = useDesk();
  const split = useStudio((studio) => studio.split);
  const { setSplit } = store.getState();
  const follow = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const start = event.currentTarget.parentElement?.getBoundingClientRect().left ?? left;
    setSplit((event.clientX - start) / width);
  };
  return (
    <span
      className={styles.line}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an <input> cannot be a line across a picture
      role="slider"
      tabIndex={0}
      aria-label="Before and after"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(split * 100)}
      aria-valuetext={`${Math.round(split * 100)} % before`}
      style={{ left: `${split * 100}%` }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={follow}
      onKeyDown={(event) => {
        const to = { ArrowLeft: split - 0.05, ArrowRight: split + 0.05, Home: 0, End: 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        setSplit(to);
      }}
    />
  );
}

/** The pixels of the picture that is edited. */
function useBasePicture(): PictureSource | undefined {
  const desk = useDesk();
  const baseId = useStudio((studio) => sheetOf(studio).baseId);
  const [known, setKnown] = useState<{ id: string; picture: PictureSource | undefined }>();
  useEffect(() => {
    let isWanted = true;
    if (baseId === undefined) return undefined;
    void readReel(desk, baseId).then((reel) => isWanted && setKnown({ id: baseId, picture: reel?.picture }));
    return () => void (isWanted = false);
  }, [desk, baseId]);
  return known && known.id === baseId ? known.picture : undefined;
}
