import type { CellPoint, Handle, PaintBox } from '../../core/boxes.ts';
import type { Grid } from '../../core/grid.ts';
import { addBox, announceBox, changeBox, findBox, settle } from '../commands/boxes.ts';
import type { Desk } from '../commands/desk.ts';
import { endStroke, stroke } from '../commands/masks.ts';
import { canDraw, refuseToDraw } from '../commands/restart.ts';
import { lookAtToken } from '../commands/tokens.ts';
import { brushed, carried, cellAt, DRAG_PIXELS, draggedBox, pressedBox, type BoxDrag } from './boxDrag.ts';
import { outlineCells } from './brushCursor.ts';
import { Fingers } from './fingers.ts';
import { onWheel } from './gestures.ts';
import { hideLoupe, showLoupe } from './loupe.ts';
import { boxAt, listenToMenus } from './menuPointer.ts';
import { shownGrid } from '../store/grids.ts';
import { place, pointOf, type Point, type Press } from './press.ts';
import { pictureBox } from './viewport.ts';

type Keys = Pick<PointerEvent, 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey'>;

/** Draws, moves and resizes boxes and paints marks with mouse, pen and finger. Returns how to end it. */
export function listenToBoxes(desk: Desk, layer: SVGSVGElement, canvas: HTMLElement): () => void {
  return new BoxPointer(desk, layer, canvas).listen();
}

/** Keys that change what a drag means while they are held. */
const modifierKeys = ['Shift', 'Alt', 'Control', 'Meta'];

class BoxPointer {
  private press: Press | undefined;
  private readonly fingers: Fingers;
  private readonly desk: Desk;
  private readonly layer: SVGSVGElement;
  private readonly canvas: HTMLElement;

  constructor(desk: Desk, layer: SVGSVGElement, canvas: HTMLElement) {
    this.desk = desk;
    this.layer = layer;
    this.canvas = canvas;
    this.fingers = new Fingers(desk.store, canvas);
  }

  listen(): () => void {
    const end = new AbortController();
    const { signal } = end;
    const { layer, canvas } = this;
    layer.addEventListener('pointerdown', (event) => this.down(event), { signal });
    layer.addEventListener('pointermove', (event) => this.move(event), { signal });
    layer.addEventListener('pointerup', (event) => this.up(event), { signal });
    layer.addEventListener('pointercancel', (event) => this.lose(event), { signal });
    layer.addEventListener('pointerleave', () => this.showCursor(undefined), { signal });
    listenToMenus(this.desk, layer, () => this.cancel(), signal);
    layer.addEventListener('dblclick', (event) => this.openClass(event), { signal });
    layer.addEventListener('wheel', (event) => onWheel(this.desk.store, canvas, event), { passive: false, signal });
    canvas.addEventListener('pointerdown', () => this.desk.store.getState().selectBox(undefined), { signal });
    // The window going away ends a drag where it is.
    window.addEventListener('blur', () => this.press && this.finish(this.press), { signal });
    document.addEventListener('keydown', (event) => this.key(event, true), { signal, capture: true });
    document.addEventListener('keyup', (event) => this.key(event, false), { signal, capture: true });
    return () => end.abort();
  }

  private isPainting(): boolean {
    const { tool } = this.desk.store.getState();
    return tool === 'brush' || tool === 'eraser';
  }

  private down(event: PointerEvent): void {
    const at = pointOf(event);
    const isLooking = this.fingers.begin(event, this.press !== undefined);
    // A second finger takes back what the first one began.
    if (this.press) return isLooking && this.press.isTouch ? this.cancel() : undefined;
    if (isLooking || (event.button !== 0 && !this.isPainting())) return;
    if (!canDraw(this.desk)) return refuseToDraw(this.desk);
    const isTouch = event.pointerType === 'touch';
    const act = this.actAt(event, this.cell(at));
    if (!act) return;
    this.layer.setPointerCapture(event.pointerId);
    this.press = { pointer: event.pointerId, start: at, last: at, hasMoved: false, isTouch, isCarrying: false, act };
    if (act.kind === 'paint') stroke(this.desk, this.cell(at), this.cell(at), act.paint);
  }

  /** What a press here begins: painting, a resize, a move or a new box. */
  private actAt(event: PointerEvent, from: CellPoint): Press['act'] | undefined {
    const { tool, selectBox } = this.desk.store.getState();
    if (this.isPainting()) return { kind: 'paint', paint: tool === 'eraser' || isErasing(event) ? 0 : 1 };
    if (tool === 'token') return { kind: 'look' };
    const id = boxAt(event);
    const found = findBox(this.desk, id);
    const handle = (event.target as Element).closest('[data-handle]');
    if (found && handle) return { kind: 'box', id, drag: grabbed(found.box, from, handle.getAttribute('data-handle')) };
    // Over a locked box another one can be drawn.
    if (found && !(found.box.locked && tool === 'box')) {
      selectBox(id);
      (event.target as Element).closest<SVGElement>('[data-box]')!.focus({ preventScroll: true });
      return found.box.locked ? undefined : { kind: 'box', id, drag: { kind: 'move', from, box: found.box } };
    }
    return tool === 'box' ? { kind: 'box', drag: { kind: 'draw', from } } : undefined;
  }

  private move(event: PointerEvent): void {
    const at = pointOf(event);
    this.showCursor(at);
    if (this.fingers.move(event)) return;
    const { press } = this;
    if (!press || press.pointer !== event.pointerId) return;
    const before = press.last;
    press.last = at;
    press.hasMoved ||= Math.hypot(at.x - press.start.x, at.y - press.start.y) >= DRAG_PIXELS;
    if (press.act.kind === 'paint') return stroke(this.desk, this.cell(before), this.cell(at), press.act.paint);
    if (press.act.kind === 'look') return undefined;
    if (press.isCarrying) press.act.drag = carried(press.act.drag, this.cell(before), this.cell(at));
    if (press.hasMoved) this.sketch(press, event);
    this.magnify(press);
  }

  /** Show what the drag has come to, without a step of the history. */
  private sketch(press: Press, keys: Keys): void {
    const { store } = this.desk;
    if (press.act.kind !== 'box') return;
    const { drag, id } = press.act;
    if (drag.kind === 'draw' && !store.getState().draft) settle(this.desk);
    // Whoever takes a box wants to work on, not to look at a result.
    if (drag.kind !== 'draw') store.getState().showStaged(-1);
    const modifiers = { keepRatio: keys.shiftKey, fromCentre: keys.altKey, isCoarse: keys.ctrlKey || keys.metaKey };
    const place = draggedBox(drag, this.cell(press.last), modifiers, this.grid);
    const { wish, lastBoxId, sketch } = store.getState();
    const known = findBox(this.desk, id)?.box;
    const draft: PaintBox = known ? { ...known, ...place } : { ...place, id: lastBoxId + 1, classId: wish.classId };
    sketch(draft);
    if (known) announceBox(this.desk, known.id);
  }

  private up(event: PointerEvent): void {
    this.fingers.end(event);
    if (this.press?.pointer === event.pointerId) this.finish(this.press);
  }

  private lose(event: PointerEvent): void {
    this.fingers.end(event);
    if (this.press?.pointer === event.pointerId) this.cancel();
  }

  /** The drag is done: what is seen holds. */
  private finish(press: Press): void {
    this.press = undefined;
    hideLoupe(this.layer);
    if (press.act.kind === 'paint') return endStroke(this.desk, press.act.paint);
    if (press.act.kind === 'look') return this.look(press);
    const { draft, sketch, showStaged } = this.desk.store.getState();
    const { drag, id } = press.act;
    sketch(undefined);
    if (drag.kind === 'move') showStaged(-1);
    if (drag.kind === 'draw') this.draw(draft ?? (press.hasMoved ? undefined : pressedBox(drag.from, this.grid)));
    else if (draft && id !== undefined)
      changeBox(this.desk, id, place(draft), drag.kind === 'move' ? 'moving' : 'resizing');
  }

  private draw(box: PaintBox | ReturnType<typeof pressedBox> | undefined): void {
    const made = box && addBox(this.desk, place(box));
    if (!made) return;
    // The shape comes with the next drawing of the page.
    requestAnimationFrame(() =>
      this.layer.querySelector<SVGElement>(`g[data-box="${made.id}"]`)?.focus({ preventScroll: true }),
    );
  }

  /** Esc, or a second finger: as if nothing had been pressed. */
  private cancel(): void {
    this.press = undefined;
    hideLoupe(this.layer);
    this.desk.store.getState().sketch(undefined);
    this.desk.store.getState().scribble(undefined);
  }

  private key(event: KeyboardEvent, isDown: boolean): void {
    const { press } = this;
    if (!press) return;
    if (event.key === 'Escape' && isDown) this.cancel();
    else if (event.key === ' ') press.isCarrying = isDown;
    else if (press.hasMoved && modifierKeys.includes(event.key)) this.sketch(press, event);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The token under a press that did not wander. */
  private look({ start, hasMoved }: Press): void {
    const { row, col } = this.cell(start);
    const { rows, cols } = this.grid;
    const isInside = row >= 0 && col >= 0 && row < rows && col < cols;
    if (isInside && !hasMoved) lookAtToken(this.desk, Math.floor(row) * cols + Math.floor(col));
  }

  private openClass(event: MouseEvent): void {
    const id = boxAt(event);
    if (!findBox(this.desk, id)) return;
    this.desk.store.getState().selectBox(id);
    this.desk.store.getState().openDialog('classes');
  }

  /** Outline the cells under the brush, or under the glass that looks at one. */
  private showCursor(at: Point | undefined): void {
    const { tool, brushSize } = this.desk.store.getState();
    const size = tool === 'token' ? 1 : this.isPainting() ? brushSize : 0;
    const cells = at && size > 0 ? brushed(this.middle(this.cell(at), size), size, this.grid) : [];
    outlineCells(this.layer, cells, this.picture(), this.grid);
  }

  /** A single cell is the one under the pointer, not the nearest corner's. */
  private middle({ row, col }: CellPoint, size: number): CellPoint {
    return size === 1 ? { row: Math.floor(row) + 0.5, col: Math.floor(col) + 0.5 } : { row, col };
  }

  /** On a phone the finger hides what it drags. */
  private magnify({ last, act, isTouch, hasMoved }: Press): void {
    if (!isTouch || !hasMoved || act.kind !== 'box') return;
    const { left, top } = this.layer.getBoundingClientRect();
    const { draft: box } = this.desk.store.getState();
    const at = { x: last.x - left, y: last.y - top };
    showLoupe(this.layer, { ...at, stage: this.canvas, picture: this.picture(), grid: this.grid, box });
  }

  private get grid(): Grid {
    return shownGrid(this.desk.store.getState());
  }

  private picture() {
    const { width, height } = this.layer.getBoundingClientRect();
    const { rows, cols } = this.grid;
    return pictureBox(width, height, cols / rows, this.desk.store.getState().viewport);
  }

  private cell({ x, y }: Point): CellPoint {
    const { left, top } = this.layer.getBoundingClientRect();
    return cellAt(x - left, y - top, this.picture(), this.grid);
  }
}

function grabbed(box: PaintBox, from: CellPoint, handle: string | null): BoxDrag {
  return { kind: 'resize', from, box, handle: handle as Handle };
}

/** The brush turned round. */
function isErasing({ altKey, button }: PointerEvent): boolean {
  return altKey || button === 2;
}
