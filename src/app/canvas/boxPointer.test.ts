// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { boxesOnShow, sheetOf, type Tool } from '../store/editing.ts';
import { editingDesk } from '../testing/editingDesk.ts';
import { listenToBoxes } from './boxPointer.ts';

/** The layer is 320 × 320 pixels: a cell is 40. */
const CELL = 40;
let end = (): void => {};
afterEach(() => (end(), document.body.replaceChildren()));

function stage(tool: Tool = 'box') {
  const { desk } = editingDesk();
  const canvas = document.createElement('canvas');
  const layer = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  document.body.append(canvas, layer);
  layer.getBoundingClientRect = () => new DOMRect(0, 0, 8 * CELL, 8 * CELL);
  layer.setPointerCapture = () => {};
  end = listenToBoxes(desk, layer, canvas);
  const state = () => desk.store.getState();
  state().chooseTool(tool);
  const at = (type: string, col: number, row: number, init: PointerEventInit = {}, target: Element = layer) =>
    target.dispatchEvent(
      new PointerEvent(type, { clientX: col * CELL, clientY: row * CELL, pointerId: 1, bubbles: true, ...init }),
    );
  const boxes = () => boxesOnShow(state()).map(({ row, col, height, width }) => ({ row, col, height, width }));
  /** What React draws for a box, as far as the pointer needs it. */
  const shapeOf = (id: number, handle?: string) => {
    const shape = document.createElementNS('http://www.w3.org/2000/svg', 'g');
    shape.setAttribute('data-box', String(id));
    if (handle) shape.setAttribute('data-handle', handle);
    layer.append(shape);
    return shape;
  };
  return { desk, state, at, boxes, shapeOf };
}
const key = (type: 'keydown' | 'keyup', name: string) =>
  document.dispatchEvent(new KeyboardEvent(type, { key: name, bubbles: true, cancelable: true }));

describe('drawing a box', () => {
  it('snaps outwards to whole cells', () => {
    const { at, boxes } = stage();
    at('pointerdown', 1.5, 2.5);
    at('pointermove', 3.2, 4.1);
    at('pointerup', 3.2, 4.1);
    expect(boxes()).toEqual([{ row: 2, col: 1, height: 3, width: 3 }]);
  });

  it('is refused with a sentence while a new picture is being painted', () => {
    const { at, boxes, state } = stage();
    state().begin(1, 1, 1, 8);
    at('pointerdown', 1, 1);
    at('pointermove', 3, 3);
    at('pointerup', 3, 3);
    expect(boxes()).toEqual([]);
    expect(state().notice?.text).toBe('A new picture is being painted; it can be worked on once it is there.');
  });

  it('is a 4 × 4 box where one clicks without a drag', () => {
    const { at, boxes } = stage();
    at('pointerdown', 4, 4);
    at('pointermove', 4.05, 4);
    at('pointerup', 4.05, 4);
    expect(boxes()).toEqual([{ row: 2, col: 2, height: 4, width: 4 }]);
  });

  it('keeps its ratio with Shift and grows from its centre with Alt', () => {
    const { at, boxes } = stage();
    at('pointerdown', 4, 4);
    at('pointermove', 6, 5, { altKey: true });
    expect(boxes()).toEqual([{ row: 3, col: 2, height: 2, width: 4 }]);
    at('pointermove', 6, 5, { shiftKey: true });
    expect(boxes()).toEqual([{ row: 4, col: 4, height: 2, width: 2 }]);
    at('pointerup', 6, 5);
  });

  it('moves as a whole while Space is held', () => {
    const { at, boxes } = stage();
    at('pointerdown', 1, 1);
    at('pointermove', 3, 3);
    key('keydown', ' ');
    at('pointermove', 5, 5);
    key('keyup', ' ');
    at('pointerup', 5, 5);
    expect(boxes()).toEqual([{ row: 3, col: 3, height: 2, width: 2 }]);
  });

  it('ends with Esc as if nothing had been pressed', () => {
    const { at, boxes, state } = stage();
    at('pointerdown', 1, 1);
    at('pointermove', 3, 3);
    expect(boxes()).toHaveLength(1);
    key('keydown', 'Escape');
    at('pointerup', 3, 3);
    expect(boxes()).toHaveLength(0);
    expect(state().history.versions).toHaveLength(1);
  });

  it('holds what is seen when the window goes away', () => {
    const { at, boxes, state } = stage();
    at('pointerdown', 1, 1);
    at('pointermove', 3, 3);
    window.dispatchEvent(new Event('blur'));
    expect(state().draft).toBeUndefined();
    expect(boxes()).toEqual([{ row: 1, col: 1, height: 2, width: 2 }]);
  });

  it('stops when a second finger comes, and two fingers zoom', () => {
    const { at, boxes, state } = stage();
    const touch = { pointerType: 'touch' };
    at('pointerdown', 2, 2, touch);
    at('pointermove', 3, 3, touch);
    at('pointerdown', 6, 6, { ...touch, pointerId: 2 });
    expect(boxes()).toHaveLength(0);
    at('pointermove', 7, 7, { ...touch, pointerId: 2 });
    expect(state().viewport.zoom).toBeGreaterThan(1);
    at('pointerup', 7, 7, { ...touch, pointerId: 2 });
    at('pointerup', 3, 3, touch);
    expect(boxes()).toHaveLength(0);
  });

  it('is left to the pen once there is one: a finger moves the picture, and the palm does nothing', () => {
    const { at, boxes, state } = stage();
    const [pen, touch] = [{ pointerType: 'pen' }, { pointerType: 'touch', pointerId: 2 }];
    at('pointerdown', 2, 2, pen);
    at('pointerdown', 6, 6, touch);
    at('pointermove', 4, 4, pen);
    at('pointermove', 7, 7, touch);
    at('pointerup', 4, 4, pen);
    at('pointerup', 7, 7, touch);
    expect(boxes()).toEqual([{ row: 2, col: 2, height: 2, width: 2 }]);
    expect(state().viewport.zoom).toBe(1);
    state().view({ viewport: { zoom: 2, x: 0, y: 0 } });
    at('pointerdown', 1, 1, touch);
    at('pointermove', 2, 1, touch);
    at('pointerup', 2, 1, touch);
    expect(boxes()).toHaveLength(1);
    expect(state().viewport.x).not.toBe(0);
  });

  it('is left to the picture with the tool for looking', () => {
    const { at, boxes } = stage('view');
    at('pointerdown', 1, 1);
    at('pointermove', 3, 3);
    at('pointerup', 3, 3);
    expect(boxes()).toHaveLength(0);
  });
});

describe('a box that is there', () => {
  const placed = () => {
    const made = stage();
    made.at('pointerdown', 2, 2);
    made.at('pointermove', 4, 4);
    made.at('pointerup', 4, 4);
    return { ...made, id: sheetOf(made.state()).boxes[0]!.id };
  };

  it('is moved by its body, also with the tool for looking, and stays on the picture', () => {
    const { at, boxes, shapeOf, id, state } = placed();
    state().chooseTool('view');
    at('pointerdown', 3, 3, {}, shapeOf(id));
    at('pointermove', 20, 4);
    at('pointerup', 20, 4);
    expect(boxes()).toEqual([{ row: 3, col: 6, height: 2, width: 2 }]);
  });

  it.each([
    ['nw', { row: 1, col: 1, height: 3, width: 3 }],
    ['n', { row: 1, col: 2, height: 3, width: 2 }],
    ['ne', { row: 1, col: 2, height: 3, width: 1 }],
    ['e', { row: 2, col: 2, height: 2, width: 1 }],
    ['se', { row: 2, col: 2, height: 1, width: 1 }],
    ['s', { row: 2, col: 2, height: 1, width: 2 }],
    ['sw', { row: 2, col: 1, height: 1, width: 3 }],
    ['w', { row: 2, col: 1, height: 2, width: 3 }],
  ])('is resized by its %s handle', (handle, expected) => {
    const { at, boxes, shapeOf, id } = placed();
    at('pointerdown', 4, 4, {}, shapeOf(id, handle));
    at('pointermove', 3, 3);
    at('pointerup', 3, 3);
    expect(boxes()).toEqual([expected]);
  });

  it('comes back with Esc, and a drag is one step of undo', () => {
    const { at, boxes, shapeOf, id, state } = placed();
    const shape = shapeOf(id);
    at('pointerdown', 3, 3, {}, shape);
    at('pointermove', 5, 5);
    key('keydown', 'Escape');
    expect(boxes()).toEqual([{ row: 2, col: 2, height: 2, width: 2 }]);
    at('pointerup', 5, 5);
    at('pointerdown', 3, 3, {}, shape);
    for (const to of [4, 5, 6]) at('pointermove', to, 3);
    at('pointerup', 6, 3);
    expect(boxes()).toEqual([{ row: 2, col: 5, height: 2, width: 2 }]);
    state().undoEdit();
    expect(boxes()).toEqual([{ row: 2, col: 2, height: 2, width: 2 }]);
  });
});

describe('the brush', () => {
  const marked = ({ state }: ReturnType<typeof stage>) => {
    const free = sheetOf(state()).free;
    return free ? [...free.keys()].filter((p) => free[p] === 1) : [];
  };

  it('marks every cell of a quick stroke, as one step of undo', () => {
    const made = stage('brush');
    made.at('pointerdown', 0.5, 0.5);
    made.at('pointermove', 7.5, 0.5);
    made.at('pointerup', 7.5, 0.5);
    expect(marked(made)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    made.state().undoEdit();
    expect(marked(made)).toEqual([]);
  });

  it('erases with the eraser, with Alt and with the right button', () => {
    for (const [tool, init] of [
      ['eraser', {}],
      ['brush', { altKey: true }],
      ['brush', { button: 2 }],
    ] as const) {
      const made = stage('brush');
      made.at('pointerdown', 0.5, 0.5);
      made.at('pointermove', 3.5, 0.5);
      made.at('pointerup', 3.5, 0.5);
      made.state().chooseTool(tool);
      made.at('pointerdown', 1.5, 0.5, init);
      made.at('pointerup', 1.5, 0.5, init);
      expect(marked(made)).toEqual([0, 2, 3]);
      end();
    }
  });

  it('is as wide as chosen', () => {
    const made = stage('brush');
    made.state().setBrushSize(2);
    made.at('pointerdown', 2, 2);
    made.at('pointerup', 2, 2);
    expect(marked(made)).toEqual([9, 10, 17, 18]);
  });
});
