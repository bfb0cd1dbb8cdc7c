import { Blend, Gauge, Grid3x3, Maximize, ZoomIn, ZoomOut } from 'lucide-react';
import { fitted, MAX_ZOOM, zoomed } from '../canvas/viewport.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import styles from './StageTools.module.css';

/** How to look at the picture: overlays, grid, guesses, zoom. */
export function StageTools() {
  const { view } = useDesk().store.getState();
  const overlay = useStudio((studio) => studio.overlay);
  const gridShown = useStudio((studio) => studio.gridShown);
  const guessShown = useStudio((studio) => studio.guessShown);
  return (
    <div className={styles.tools} role="toolbar" aria-label="Look">
      <IconButton
        label="How sure it is"
        pressed={overlay === 'sureness'}
        icon={<Gauge size={19} />}
        onClick={() => view({ overlay: overlay === 'none' ? 'sureness' : 'none' })}
      />
      <IconButton
        label="Token grid"
        pressed={gridShown}
        icon={<Grid3x3 size={19} />}
        onClick={() => view({ gridShown: !gridShown })}
      />
      <IconButton
        label="Guesses, dimmed"
        pressed={guessShown}
        icon={<Blend size={19} />}
        onClick={() => view({ guessShown: !guessShown })}
      />
      <span className={styles.line} />
      <ZoomTools />
    </div>
  );
}

function ZoomTools() {
  const { view } = useDesk().store.getState();
  const viewport = useStudio((studio) => studio.viewport);
  return (
    <>
      <IconButton
        label="Zoom in"
        disabled={viewport.zoom >= MAX_ZOOM}
        icon={<ZoomIn size={19} />}
        onClick={() => view({ viewport: zoomed(viewport, 1.5) })}
      />
      <IconButton
        label="Zoom out"
        disabled={viewport.zoom <= 1}
        icon={<ZoomOut size={19} />}
        onClick={() => view({ viewport: zoomed(viewport, 1 / 1.5) })}
      />
      <IconButton
        label="Fit"
        disabled={viewport.zoom === 1}
        icon={<Maximize size={18} />}
        onClick={() => view({ viewport: fitted })}
      />
    </>
  );
}
