// @vitest-environment happy-dom
import { describe, expect, it, test } from 'vitest';
import { weakestPositions } from '../../core/boxes.ts';
import { boxMask } from '../../core/mask.ts';
import { sheetOf } from '../store/editing.ts';
import { editingDesk, pixelsOf } from '../testing/editingDesk.ts';
import { onShow, surenessOf } from './base.ts';
import { followBite } from './bite.ts';
import { addBox, fitBox, nudgeBox, setBoxClass, toggleLock } from './boxes.ts';
import { openBoxMenu, runBoxAction } from './boxMenu.ts';
import { cellKey } from './cellCursor.ts';
import { generate } from './generate.ts';
import { keepSheet, restoreSheet } from './keepSheet.ts';
import { endStroke, markAtRandom, stroke } from './masks.ts';
import type { KeptSheet } from './sheetShelf.ts';
import { keepStaged, undoEdit } from './staging.ts';
import { lookAtToken, readToken, setToken, toggleBan, togglePin } from './tokens.ts';

const grid = { rows: 8, cols: 8 };
const rest = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const key = (name: string, more = {}) => ({
  key: name,
  shiftKey: false,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  ...more,
});

async function withPicture() {
  const made = editingDesk();
  await generate(made.desk);
  const state = () => made.desk.store.getState();
  const tokens = () => made.desk.kept.get(onShow(state())!)!.tokens;
  const open = () => made.requests.at(-1)!.tokens!;
  return { ...made, state, tokens, open };
}

describe('the menu of a box', () => {
  const choose = async (made: Awaited<ReturnType<typeof withPicture>>, id: number, action: string) => {
    openBoxMenu(made.desk, id, 0, 0);
    runBoxAction(made.desk, action);
    await rest();
  };

  it('repaints only that box, on the result that is seen', async () => {
    const made = await withPicture();
    const { desk, state, tokens, open } = made;
    const first = addBox(desk, { row: 0, col: 0, height: 2, width: 2 })!;
    addBox(desk, { row: 4, col: 4, height: 2, width: 2 });
    await generate(desk);
    const seen = tokens();
    await choose(made, first.id, 'alone');
    const mask = boxMask({ row: 0, col: 0, height: 2, width: 2 }, grid, 0);
    expect([...open()]).toEqual([...seen].map((token, p) => (mask[p] === 1 ? -1 : token)));
    expect([state().staged.length, sheetOf(state()).boxes.length]).toEqual([2, 2]);
  });

  it('repaints the weakest third of a box and leaves the rest of it', async () => {
    const made = await withPicture();
    const box = addBox(made.desk, { row: 2, col: 0, height: 2, width: 5 })!;
    const sure = await surenessOf(made.desk, onShow(made.state())!);
    await choose(made, box.id, 'weakest');
    const inside = [16, 17, 18, 19, 20, 24, 25, 26, 27, 28].sort((a, b) => sure[a]! - sure[b]!);
    const painted = [...made.open().keys()].filter((p) => made.open()[p] === -1);
    expect(painted).toEqual(inside.slice(0, 3).sort((a, b) => a - b));
  });

  it('locks a box in its place, whatever is pressed; its class can change all the same', async () => {
    const { desk, state } = await withPicture();
    const box = addBox(desk, { row: 1, col: 1, height: 2, width: 2 })!;
    toggleLock(desk, box.id);
    nudgeBox(desk, box.id, key('ArrowRight'));
    setBoxClass(desk, box.id, 3);
    expect(sheetOf(state()).boxes).toEqual([{ ...box, locked: true, classId: 3 }]);
    toggleLock(desk, box.id);
    fitBox(desk, box.id);
    expect(sheetOf(state()).boxes[0]).toMatchObject({ row: 0, col: 0, height: 8, width: 8 });
  });
});

describe('a single token', () => {
  it('is set to another code: decoded, staged, and nothing else of the picture changes', async () => {
    const { desk, state } = await withPicture();
    const before = onShow(state())!;
    const old = desk.kept.get(before)!.tokens;
    lookAtToken(desk, 20);
    const look = (await readToken(desk, 20))!;
    expect([look.code, look.top.codes.length]).toEqual([old[20], 8]);
    const code = look.top.codes[3]!;
    await setToken(desk, look, code);
    expect(state().staged).toHaveLength(1);
    const after = desk.kept.get(state().staged[0]!)!;
    expect([...after.tokens]).toEqual([...old].map((token, p) => (p === 20 ? code : token)));
    const [was, is] = [pixelsOf(desk, before), pixelsOf(desk, state().staged[0])];
    const far = 4 * (31 * 32 + 31);
    expect(is.slice(far)).toEqual(was.slice(far));
    expect(is).not.toEqual(was);
    expect((await surenessOf(desk, state().staged[0]!))[20]).toBeCloseTo(look.top.probabilities[3]!);
  });

  it('can be tried with several codes: each is a result of the same picture', async () => {
    const { desk, state } = await withPicture();
    const base = sheetOf(state()).baseId;
    const look = (await readToken(desk, 9))!;
    await setToken(desk, look, look.top.codes[1]!);
    await setToken(desk, look, look.top.codes[2]!);
    expect([state().staged.length, sheetOf(state()).baseId]).toEqual([2, base]);
    keepStaged(desk);
    expect(desk.kept.get(sheetOf(state()).baseId!)!.tokens[9]).toBe(look.top.codes[2]);
  });

  it('is pinned: brush, boxes and marks by chance leave it alone, through Keep, until undo', async () => {
    const { desk, state, open } = await withPicture();
    togglePin(desk, 0);
    addBox(desk, { row: 0, col: 0, height: 2, width: 2 });
    stroke(desk, { row: 0.5, col: 0.5 }, { row: 0.5, col: 4.5 }, 1);
    endStroke(desk, 1);
    expect(sheetOf(state()).free![0]).toBe(0);
    await generate(desk);
    expect([open()[0] === -1, open()[1]]).toEqual([false, -1]);
    keepStaged(desk);
    markAtRandom(desk, 1);
    expect(sheetOf(state()).free!.reduce((sum, paint) => sum + paint, 0)).toBe(63);
    while (undoEdit(desk));
    expect(sheetOf(state()).pinned).toBeUndefined();
  });

  it('says so when everything that a box would paint is pinned', async () => {
    const { desk, state, requests } = await withPicture();
    togglePin(desk, 0);
    addBox(desk, { row: 0, col: 0, height: 1, width: 1 });
    const runs = requests.length;
    await generate(desk);
    expect([requests.length, state().job.kind]).toEqual([runs, 'idle']);
    expect(state().notice?.text).toMatch(/pinned/);
  });

  it('bans a code from the edits of this picture, and only of this one', async () => {
    const { desk, state, requests } = await withPicture();
    toggleBan(desk, 7);
    addBox(desk, { row: 0, col: 0, height: 2, width: 2 });
    await generate(desk);
    expect(requests.at(-1)!.bannedCodes).toEqual([7]);
    state().openBase(undefined);
    expect(sheetOf(state()).banned).toEqual([]);
  });
});

test('a biting brush marks only what the model was unsure of', async () => {
  const { desk, state } = await withPicture();
  const end = followBite(desk);
  state().touchUp({ bite: 0.25 });
  await rest();
  const weak = weakestPositions(await surenessOf(desk, onShow(state())!), 0.25);
  for (let row = 0; row < 8; row++) stroke(desk, { row: row + 0.5, col: -0.5 }, { row: row + 0.5, col: 7.5 }, 1);
  endStroke(desk, 1);
  expect([...sheetOf(state()).free!]).toEqual([...weak]);
  state().touchUp({ bite: 0 });
  expect(state().biteMask).toBeUndefined();
  end();
});

test('by keyboard alone: arrows walk the cells, Enter marks, erases and looks', async () => {
  const { desk, state } = await withPicture();
  expect(cellKey(desk, key('ArrowRight'))).toBe(false);
  state().chooseTool('brush');
  cellKey(desk, key('ArrowRight'));
  expect(state().cursor).toEqual({ row: 4, col: 4 });
  cellKey(desk, key('ArrowUp'));
  cellKey(desk, key('ArrowLeft', { ctrlKey: true }));
  cellKey(desk, key('Enter'));
  expect([...sheetOf(state()).free!].indexOf(1)).toBe(24);
  await rest(300);
  expect(state().announcement.text).toBe('Column 1 row 4, marked');
  state().chooseTool('eraser');
  cellKey(desk, key(' '));
  expect(sheetOf(state()).free).toBeUndefined();
  state().chooseTool('token');
  cellKey(desk, key('Enter'));
  expect(state().look).toBe(24);
  expect(cellKey(desk, key('ArrowLeft', { shiftKey: true }))).toBe(false);
});

describe('what is worked on', () => {
  async function kept() {
    const made = await withPicture();
    const rows = new Map<string, KeptSheet>();
    const sheets = {
      read: async (id: string) => structuredClone(rows.get(id)),
      write: async (id: string, sheet: KeptSheet) => void rows.set(id, structuredClone(sheet)),
    };
    const desk = { ...made.desk, sheets };
    await restoreSheet(desk);
    const end = keepSheet(desk);
    addBox(desk, { row: 1, col: 1, height: 2, width: 2 });
    togglePin(desk, 60);
    stroke(desk, { row: 6.5, col: 6.5 }, { row: 6.5, col: 6.5 }, 1);
    endStroke(desk, 1);
    await generate(desk);
    await rest(350);
    end();
    return { ...made, desk, rows, sheets };
  }

  it('comes back after a reload: boxes, marks, pins, results, and every step of undo', async () => {
    const { desk, state } = await kept();
    const before = { sheet: sheetOf(state()), staged: state().staged, at: state().stagedAt };
    const { results } = state();
    state().startAnew();
    state().clearStage();
    expect(await restoreSheet(desk)).toBe(true);
    expect({ sheet: sheetOf(state()), staged: state().staged, at: state().stagedAt }).toEqual(before);
    expect(state().results).toEqual(results);
    expect(state().reelId).toBe(state().staged[0]);
    while (undoEdit(desk));
    expect(sheetOf(state())).toMatchObject({ boxes: [], free: undefined, pinned: undefined });
  });

  it('keeps its boxes when the picture is gone, and ignores what is no sheet', async () => {
    const { desk, state, rows } = await kept();
    for (const { id } of state().results) state().removeResult(id);
    state().startAnew();
    expect(await restoreSheet(desk)).toBe(false);
    expect(sheetOf(state())).toMatchObject({ boxes: [{ row: 1, col: 1 }], pinned: undefined });
    state().startAnew();
    rows.set('small', { version: 1, history: { versions: [], at: 3 } } as unknown as KeptSheet);
    expect(await restoreSheet(desk)).toBe(false);
    expect(sheetOf(state()).boxes).toEqual([]);
  });
});
