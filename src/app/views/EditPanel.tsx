import { Brush, FilePlus2, ImagePlus, SquareDashed, X } from 'lucide-react';
import { addBoxInMiddle, gridOf } from '../commands/boxes.ts';
import { isEditing, planOnShow } from '../commands/edit.ts';
import { clearAll } from '../commands/masks.ts';
import { startBlank, takeTool } from '../commands/staging.ts';
import { brushSizes, sheetOf } from '../store/editing.ts';
import { modelGrid } from '../store/grids.ts';
import { BiteField } from './BiteField.tsx';
import { BoxRow } from './BoxRow.tsx';
import { DecidedField } from './DecidedField.tsx';
import { useDesk, useStudio } from './desk.ts';
import { ExtendField } from './ExtendField.tsx';
import { LiveField } from './LiveField.tsx';
import { MarksField } from './MarksField.tsx';
import { Segments } from './Segments.tsx';
import { TouchUp } from './TouchUp.tsx';
import { useIsPhone } from './useIsPhone.ts';
import styles from './EditPanel.module.css';

/** What of the picture is painted anew, and as what: every box with its class, and the marked cells. */
export function EditPanel() {
  const desk = useDesk();
  const history = useStudio((studio) => studio.history);
  const isPhone = useIsPhone();
  const { boxes, free, baseId } = sheetOf({ history });
  const isEmpty = boxes.length === 0 && !free;
  return (
    <section className={styles.panel} aria-label="Repaint a part">
      <div className={styles.head}>
        <h2 className={styles.title}>{baseId === undefined && boxes.length > 0 ? 'Layout' : 'Repaint a part'}</h2>
        {!isEmpty && (
          <button type="button" className={styles.quiet} onClick={() => clearAll(desk)}>
            <X size={15} aria-hidden="true" /> Clear
          </button>
        )}
      </div>
      {isEmpty && <FirstHint />}
      {boxes.length > 0 && (
        <ol className={styles.list} aria-label="Boxes">
          {boxes.map((box, i) => (
            <BoxRow key={box.id} box={box} number={i + 1} />
          ))}
        </ol>
      )}
      <PlanNote />
      <ToolFields />
      {free && <MarksField free={free} />}
      <DecidedField />
      {baseId !== undefined && <TouchUp />}
      <ExtendField />
      {isPhone && <OtherCanvases />}
    </section>
  );
}

/** While nothing is drawn: what one can do, or how the tool in hand is used. */
function FirstHint() {
  const desk = useDesk();
  const tool = useStudio((studio) => studio.tool);
  if (tool === 'view') return <Invitation />;
  if (tool === 'token') {
    return (
      <p className={styles.hint}>Press a cell of the picture: see what the model thinks of it, change it, pin it.</p>
    );
  }
  if (tool !== 'box') return null;
  return (
    <p className={styles.hint}>
      Drag on the picture, or{' '}
      <button type="button" className={styles.link} onClick={() => addBoxInMiddle(desk)}>
        put a box in the middle
      </button>
      .
    </p>
  );
}

/** What belongs to the tool in hand. */
function ToolFields() {
  const tool = useStudio((studio) => studio.tool);
  const hasPicture = useStudio((studio) => sheetOf(studio).baseId !== undefined);
  const hasBoxes = useStudio((studio) => sheetOf(studio).boxes.length > 0);
  return (
    <>
      {hasPicture && (hasBoxes || tool === 'box') && <LiveField />}
      {(tool === 'brush' || tool === 'eraser') && <BrushField />}
      {hasPicture && tool === 'brush' && <BiteField />}
    </>
  );
}

/** Below this share of known cells the model has little to go by. */
const LITTLE_CONTEXT = 0.15;

/** What may surprise in what was drawn. */
function PlanNote() {
  const desk = useDesk();
  const sheet = useStudio(sheetOf);
  const grid = gridOf(desk);
  const window = useStudio(modelGrid);
  if (!isEditing(sheet)) return null;
  const { mask } = planOnShow(sheet, grid, false);
  const known = mask.filter((paint) => paint === 0).length / mask.length;
  const isTiny = sheet.boxes.some(({ height, width }) => height * width < 4);
  if (sheet.baseId !== undefined && known < LITTLE_CONTEXT) {
    return <p className={styles.note}>Little of the picture is left: the model can hardly fit the rest to it.</p>;
  }
  if (isTiny)
    return <p className={styles.note}>A box smaller than 2 × 2 cells is very small; its class may not show.</p>;
  if (sheet.baseId === undefined) return null;
  const isWide = mask.length > window.rows * window.cols;
  return (
    <p className={styles.hint}>
      Hatched cells are painted anew; up to the dashed line they blend in.
      {isWide && ' The model does not see what is dark.'}
    </p>
  );
}

/** Before there is anything: what one can do, as two buttons. */
function Invitation() {
  const desk = useDesk();
  const take = (tool: 'box' | 'brush') => {
    takeTool(desk, tool);
    // On a phone the panel is a sheet over the picture.
    desk.store.getState().openDialog(undefined);
  };
  return (
    <div className={styles.invitation}>
      <button type="button" className={styles.way} onClick={() => take('box')}>
        <SquareDashed size={18} aria-hidden="true" /> Draw a box
      </button>
      <button type="button" className={styles.way} onClick={() => take('brush')}>
        <Brush size={18} aria-hidden="true" /> Brush
      </button>
      <p className={styles.hint}>Only that part is painted anew, as any class you like.</p>
    </div>
  );
}

/** On a phone the panel is a sheet, and what to work on is chosen there too. */
function OtherCanvases() {
  const desk = useDesk();
  const { openDialog } = desk.store.getState();
  return (
    <div className={styles.invitation}>
      <button type="button" className={styles.way} onClick={() => (startBlank(desk), openDialog(undefined))}>
        <FilePlus2 size={18} aria-hidden="true" /> Blank canvas
      </button>
      <button type="button" className={styles.way} onClick={() => openDialog('import')}>
        <ImagePlus size={18} aria-hidden="true" /> Your picture
      </button>
    </div>
  );
}

function BrushField() {
  const { store } = useDesk();
  const size = useStudio((studio) => studio.brushSize);
  return (
    <Segments
      label="Brush, in cells"
      value={size}
      options={brushSizes.map((value) => ({ value, text: String(value) }))}
      onChange={(value) => store.getState().setBrushSize(value)}
    />
  );
}
