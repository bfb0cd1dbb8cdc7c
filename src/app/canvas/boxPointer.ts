import type { CellPoint, Handle, PaintBox } from '../../core/boxes.ts';
import type { Grid } from '../../core/grid.ts';
import { addBox, announceBox, changeBox, findBox, settle } from '../commands/boxes.ts';
import type { Desk } from '../commands/desk.ts';
import { endStroke, stroke } from '../commands/masks.ts';
import { brushed, carried, cellAt, DRAG_PIXELS, draggedBox, pressedBox, type BoxDrag } from './boxDrag.ts';
import { pinch, onWheel } from './gestures.ts';
import { shownGrid } from '../store/grids.ts';
import { pictureBox } from './viewport.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A pointer that is down on the picture, and what it does there. */
interface Press {
  readonly pointer: number;
  readonly start: Point;
  last: Point;
  hasMoved: boolean;
  /** Space is held: the box being drawn moves as a whole. */
  isCarrying: boolean;
  readonly act:
    { readonly kind: 'paint'; readonly paint: 0 | 1 } | { kind: 'box'; drag: BoxDrag; readonly id?: number };
}

type Keys = Pick<PointerEvent, 'shiftKey' | 'altKey'>;

/** Draws, moves and resizes boxes and paints marks with mouse, pen and finger. Returns how to end it. */
export function listenToBoxes(desk: Desk, layer: SVGSVGElement, canvas: HTMLElement): () => void {
  return new BoxPointer(desk, layer, canvas).listen();
}

class BoxPointer {
  private press: Press | undefined;
  /** Fingers on the layer; two of them zoom and move the picture. */
  private readonly fingers = new Map<number, Point>();
  private readonly desk: Desk;
  private readonly layer: SVGSVGElement;
  private readonly canvas: HTMLElement;

  constructor(desk: Desk, layer: SVGSVGElement, canvas: HTMLElement) {
    this.desk = desk;
    this.layer = layer;
    this.canvas = canvas;
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
    layer.addEventListener('contextmenu', (event) => this.isPainting() && event.preventDefault(), { signal });
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
    if (event.pointerType === 'touch') this.fingers.set(event.pointerId, at);
    if (this.press) return this.fingers.size > 1 ? this.cancel() : undefined;
    if (this.fingers.size > 1 || (event.button !== 0 && !this.isPainting())) return;
    if (this.desk.store.getState().job.kind === 'running') return;
    const act = this.actAt(event, this.cell(at));
    if (!act) return;
    this.layer.setPointerCapture(event.pointerId);
    this.press = { pointer: event.pointerId, start: at, last: at, hasMoved: false, isCarrying: false, act };
    if (act.kind === 'paint') stroke(this.desk, this.cell(at), this.cell(at), act.paint);
  }

  /** What a press here begins: painting, a resize, a move or a new box. */
  private actAt(event: PointerEvent, from: CellPoint): Press['act'] | undefined {
    const { tool, selectBox, showStaged } = this.desk.store.getState();
    if (this.isPainting()) {
      const isErasing = tool === 'eraser' || event.altKey || event.button === 2;
      return { kind: 'paint', paint: isErasing ? 0 : 1 };
    }
    const target = event.target as Element;
    const handle = target.closest('[data-handle]');
    const shape = target.closest('[data-box]');
    const id = Number((handle ?? shape)?.getAttribute('data-box') ?? NaN);
    const found = findBox(this.desk, id);
    if (found && handle) {
      const kind = 'resize' as const;
      return {
        kind: 'box',
        id,
        drag: { kind, from, box: found.box, handle: handle.getAttribute('data-handle') as Handle },
      };
    }
    if (found) {
      selectBox(id);
      // Whoever takes a box wants to work on, not to look at a result.
      showStaged(-1);
      (shape as SVGElement).focus({ preventScroll: true });
      return { kind: 'box', id, drag: { kind: 'move', from, box: found.box } };
    }
    return tool === 'box' ? { kind: 'box', drag: { kind: 'draw', from } } : undefined;
  }

  private move(event: PointerEvent): void {
    const at = pointOf(event);
    this.showCursor(at);
    const finger = this.fingers.get(event.pointerId);
    if (finger && this.fingers.size > 1) {
      const [, other] = [...this.fingers].find(([id]) => id !== event.pointerId)!;
      pinch(this.desk.store, this.canvas, finger, at, other);
      this.fingers.set(event.pointerId, at);
      return;
    }
    const { press } = this;
    if (!press || press.pointer !== event.pointerId) return;
    const before = press.last;
    press.last = at;
    press.hasMoved ||= Math.hypot(at.x - press.start.x, at.y - press.start.y) >= DRAG_PIXELS;
    if (press.act.kind === 'paint') return stroke(this.desk, this.cell(before), this.cell(at), press.act.paint);
    if (press.isCarrying) press.act.drag = carried(press.act.drag, this.cell(before), this.cell(at));
    if (press.hasMoved) this.sketch(press, event);
  }

  /** Show what the drag has come to, without a step of the history. */
  private sketch(press: Press, keys: Keys): void {
    const { store } = this.desk;
    if (press.act.kind !== 'box') return;
    const { drag, id } = press.act;
    if (drag.kind === 'draw' && !store.getState().draft) settle(this.desk);
    const modifiers = { keepRatio: keys.shiftKey, fromCentre: keys.altKey };
    const place = draggedBox(drag, this.cell(press.last), modifiers, this.grid);
    const { wish, lastBoxId, sketch } = store.getState();
    const known = findBox(this.desk, id)?.box;
    const draft: PaintBox = known ? { ...known, ...place } : { ...place, id: lastBoxId + 1, classId: wish.classId };
    sketch(draft);
    if (known) announceBox(this.desk, known.id);
  }

  private up(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    if (this.press?.pointer === event.pointerId) this.finish(this.press);
  }

  private lose(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    if (this.press?.pointer === event.pointerId) this.cancel();
  }

  /** The drag is done: what is seen holds. */
  private finish(press: Press): void {
    this.press = undefined;
    if (press.act.kind === 'paint') return endStroke(this.desk, press.act.paint);
    const { draft, sketch } = this.desk.store.getState();
    const { drag, id } = press.act;
    sketch(undefined);
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
    this.desk.store.getState().sketch(undefined);
    this.desk.store.getState().scribble(undefined);
  }

  private key(event: KeyboardEvent, isDown: boolean): void {
    const { press } = this;
    if (!press) return;
    if (event.key === 'Escape' && isDown) this.cancel();
    else if (event.key === ' ') press.isCarrying = isDown;
    else if (press.hasMoved && (event.key === 'Shift' || event.key === 'Alt')) this.sketch(press, event);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private openClass(event: MouseEvent): void {
    const id = Number((event.target as Element).closest('[data-box]')?.getAttribute('data-box') ?? NaN);
    if (!findBox(this.desk, id)) return;
    this.desk.store.getState().selectBox(id);
    this.desk.store.getState().openDialog('classes');
  }

  /** Outline the cells under the brush. Set by hand: it moves with every pointer event. */
  private showCursor(at: Point | undefined): void {
    const cursor = this.layer.querySelector('[data-cursor]');
    if (!cursor) return;
    const { grid } = this;
    const cells = at && this.isPainting() ? brushed(this.cell(at), this.desk.store.getState().brushSize, grid) : [];
    const [first, last] = [cells[0], cells.at(-1)];
    cursor.setAttribute('visibility', first === undefined ? 'hidden' : 'visible');
    if (first === undefined || last === undefined) return;
    const { x, y, width, height } = this.picture();
    const [cellWidth, cellHeight] = [width / grid.cols, height / grid.rows];
    cursor.setAttribute('x', String(x + (first % grid.cols) * cellWidth));
    cursor.setAttribute('y', String(y + Math.floor(first / grid.cols) * cellHeight));
    cursor.setAttribute('width', String(((last % grid.cols) - (first % grid.cols) + 1) * cellWidth));
    cursor.setAttribute(
      'height',
      String((Math.floor(last / grid.cols) - Math.floor(first / grid.cols) + 1) * cellHeight),
    );
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

function place({ row, col, height, width }: ReturnType<typeof pressedBox>) {
  return { row, col, height, width };
}

function pointOf({ clientX, clientY }: MouseEvent): Point {
  return { x: clientX, y: clientY };
}
