import { useEffect, useRef } from 'react';
import { isCorrection } from '../canvas/reel.ts';
import { seekTo } from '../commands/playback.ts';
import { useDesk, useStudio } from './desk.ts';
import { guideLines } from './guideLines.ts';
import styles from './Guide.module.css';

/** How it works: what happens at the step on the stage is lit; a press on a line goes to where it happens. */
export function Guide({ isTitled = true }: { isTitled?: boolean }) {
  const desk = useDesk();
  const manifest = useStudio((studio) => studio.manifest);
  const frame = useStudio((studio) => studio.frame);
  const total = useStudio((studio) => studio.totalFrames);
  const isEmpty = useStudio((studio) => studio.showing === 'nothing');
  const { grid, tokenizer, image } = manifest?.config ?? { grid: { rows: 8, cols: 8 }, image: { size: 32 } };
  const corrections = useCorrections();
  const { size } = image;
  const lines = guideLines({ ...grid, codebook: tokenizer?.codebook ?? 512, steps: total - 1, corrections, size });
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const lit = list.current?.querySelectorAll('[aria-current]');
    lit?.item(lit.length - 1)?.scrollIntoView({ block: 'nearest' });
  }, [frame]);
  return (
    <div className={styles.guide}>
      {isTitled && <h2 className={styles.title}>How it works</h2>}
      <ol ref={list} className={styles.lines}>
        {lines.map(({ text, from, to }, i) => (
          <li key={i}>
            <button
              type="button"
              className={styles.line}
              aria-current={(!isEmpty && frame >= from && frame <= to) || undefined}
              disabled={isEmpty}
              onClick={() => {
                seekTo(desk, from);
                // On a phone the explanation lies over the stage.
                desk.store.getState().openDialog(undefined);
              }}
            >
              {text}
            </button>
          </li>
        ))}
      </ol>
      <footer className={styles.foot}>
        {manifest && (
          <p>
            {manifest.name}: {manifest.summary} Licence: {manifest.licence.name}. {manifest.licence.attribution}
          </p>
        )}
        <p>
          <a href="./README.txt">Source and README</a> · <a href="https://arxiv.org/abs/2202.04200">The paper</a>
        </p>
      </footer>
    </div>
  );
}

/** How many steps of the run on the stage go over what is painted; while it runs, as many as were asked for. */
function useCorrections(): number {
  const desk = useDesk();
  const asked = useStudio((studio) => studio.wish.settings.corrections);
  const reelId = useStudio((studio) => studio.reelId);
  const total = useStudio((studio) => studio.totalFrames);
  const reel = reelId === undefined ? undefined : desk.reels.get(reelId);
  if (!reel || reel.done.length < total - 1) return asked;
  return reel.done.filter((_, i) => isCorrection(reel, i + 1)).length;
}
