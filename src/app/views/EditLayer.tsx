import { lazy, Suspense, useEffect, useRef } from 'react';
import type { PaintBox } from '../../core/boxes.ts';
import { listenToBoxes } from '../canvas/boxPointer.ts';
import { boxesOnShow } from '../store/editing.ts';
import { sheetGrid } from '../store/grids.ts';
import { BoxChips } from './BoxChips.tsx';
import { BoxHandles } from './BoxHandles.tsx';
import { BoxShape } from './BoxShape.tsx';
import { CellLayer, LookedToken } from './CellLayer.tsx';
import { CompareLayer } from './CompareLayer.tsx';
import { useDesk, useStudio } from './desk.ts';
import { ExtendButtons } from './ExtendButtons.tsx';
import { PlanLayer } from './PlanLayer.tsx';
import { useStagePicture, type StagePicture } from './useStagePicture.ts';
import styles from './EditLayer.module.css';

const BoxMenu = lazy(() => import('./BoxMenu.tsx'));

/** What lies over the picture: the cells that will be painted anew, the boxes, and the comparison with the original. */
export function EditLayer() {
  const desk = useDesk();
  const layer = useRef<SVGSVGElement>(null);
  const place = useStagePicture();
  const history = useStudio((studio) => studio.history);
  const draft = useStudio((studio) => studio.draft);
  const tool = useStudio((studio) => studio.tool);
  const selected = useStudio((studio) => studio.selectedBox);
  const isRunning = useStudio((studio) => studio.job.kind === 'running');
  const isStaged = useStudio((studio) => studio.stagedAt >= 0);
  const own = useStudio(sheetGrid);
  // While a staged extension is seen, boxes of the smaller picture would lie in the wrong place.
  const isOwn = own.rows === place.grid.rows && own.cols === place.grid.cols;
  const boxes = isOwn ? boxesOnShow({ history, draft }) : [];
  const isQuiet = isRunning || isStaged;
  const isPainting = tool === 'brush' || tool === 'eraser' || tool === 'token';
  useEffect(() => {
    const canvas = document.getElementById('stage');
    return layer.current && canvas ? listenToBoxes(desk, layer.current, canvas) : undefined;
  }, [desk]);
  const chosen = boxes.find(({ id, locked }) => id === (draft?.id ?? selected) && !locked);
  return (
    <div className={styles.layer} style={place.frame} data-tool={tool}>
      <LivePicture place={place} />
      <svg ref={layer} className={styles.svg} width={place.frame.width} height={place.frame.height} data-tool={tool}>
        {!isQuiet && isOwn && <PlanLayer place={place} />}
        {boxes.length > 0 && <BoxShapes boxes={boxes} place={place} isQuiet={isQuiet} />}
        {chosen && !isQuiet && !isPainting && (
          <BoxHandles box={chosen} number={boxes.indexOf(chosen) + 1} place={place} />
        )}
        {!isRunning && <CellLayer place={place} />}
        <rect data-cursor className={styles.cursor} visibility="hidden" />
      </svg>
      <BoxChips boxes={boxes} place={place} isQuiet={isQuiet} />
      <canvas data-loupe className={styles.loupe} hidden aria-hidden="true" />
      <ExtendButtons place={place} />
      <CompareLayer place={place} />
      {!isRunning && <LookedToken place={place} />}
      <OpenBoxMenu />
    </div>
  );
}

interface BoxShapesProps {
  readonly boxes: readonly PaintBox[];
  readonly place: StagePicture;
  readonly isQuiet: boolean;
}

function BoxShapes({ boxes, ...shared }: BoxShapesProps) {
  return (
    <g
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- SVG has no such elements
      role="group"
      aria-label={`Boxes: ${boxes.length}`}
    >
      {boxes.map((box, i) => (
        <BoxShape key={box.id} box={box} number={i + 1} {...shared} />
      ))}
    </g>
  );
}

/** What live mode paints while a box is dragged, over the stage's own picture. */
function LivePicture({ place }: { place: StagePicture }) {
  const url = useStudio((studio) => studio.livePicture);
  const isPixelArt = useStudio((studio) => studio.manifest?.config.image.pixelArt ?? true);
  if (!url) return null;
  const { x: left, y: top, width, height } = place.picture;
  const imageRendering = isPixelArt ? ('pixelated' as const) : ('auto' as const);
  return (
    <img className={styles.live} src={url} alt="" data-live style={{ left, top, width, height, imageRendering }} />
  );
}

/** The menu of a box; it comes in a file of its own, the first time one is opened. */
function OpenBoxMenu() {
  const boxMenu = useStudio((studio) => studio.boxMenu);
  return <Suspense>{boxMenu && <BoxMenu place={boxMenu} />}</Suspense>;
}
