// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addBox } from '../commands/boxes.ts';
import { generate } from '../commands/generate.ts';
import { listenToKeys } from '../commands/keys.ts';
import { boxesOnShow, sheetOf } from '../store/editing.ts';
import { editingDesk } from '../testing/editingDesk.ts';
import { DeskContext } from './desk.ts';
import { EditLayer } from './EditLayer.tsx';
import { EditPanel } from './EditPanel.tsx';
import { EditTools } from './EditTools.tsx';
import { GenerateButton } from './GenerateButton.tsx';
import { StagingBar } from './StagingBar.tsx';

let end = (): void => {};
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => (end(), cleanup(), vi.useRealTimers()));

async function studio() {
  const { desk, requests } = editingDesk();
  const made = generate(desk);
  await made;
  end = listenToKeys(desk);
  render(
    <DeskContext value={desk}>
      <canvas id="stage" tabIndex={0} />
      <EditLayer />
      <EditTools />
      <EditPanel />
      <StagingBar />
      <GenerateButton />
    </DeskContext>,
  );
  const state = () => desk.store.getState();
  const boxes = () => boxesOnShow(state()).map(({ row, col, height, width }) => [row, col, height, width]);
  return { desk, requests, state, boxes };
}
const shape = (number: number) => screen.getByRole('button', { name: new RegExp(`^Box ${number},`) });
const press = (target: Element, key: string, init: KeyboardEventInit = {}) =>
  fireEvent.keyDown(target, { key, ...init });

test('by keyboard alone: B and Enter put a box in the middle, arrow keys move and resize it, Delete removes it', async () => {
  const { boxes } = await studio();
  const stage = document.getElementById('stage')!;
  act(() => stage.focus());
  press(stage, 'b');
  press(stage, 'Enter');
  expect(boxes()).toEqual([[2, 2, 4, 4]]);
  press(shape(1), 'ArrowRight');
  press(shape(1), 'ArrowUp');
  expect(boxes()).toEqual([[1, 3, 4, 4]]);
  press(shape(1), 'ArrowDown', { shiftKey: true });
  press(shape(1), 'ArrowLeft', { shiftKey: true });
  expect(boxes()).toEqual([[1, 3, 5, 3]]);
  press(shape(1), 'ArrowUp', { altKey: true });
  press(shape(1), 'ArrowLeft', { altKey: true });
  expect(boxes()).toEqual([[0, 2, 6, 4]]);
  press(shape(1), 'ArrowLeft', { ctrlKey: true });
  expect(boxes()).toEqual([[0, 0, 6, 4]]);
  press(shape(1), 'Delete');
  expect(boxes()).toEqual([]);
});

test('Enter on a box opens the classes, for that box', async () => {
  const { desk, state } = await studio();
  act(() => void addBox(desk, { row: 0, col: 0, height: 2, width: 2 }));
  act(() => state().selectBox(undefined));
  act(() => shape(1).focus());
  press(shape(1), 'Enter');
  expect([state().dialog, state().selectedBox]).toEqual(['classes', sheetOf(state()).boxes[0]!.id]);
});

test('a box says where it is once it rests, not at every key', async () => {
  const { desk, state } = await studio();
  act(() => void addBox(desk, { row: 0, col: 0, height: 3, width: 2 }));
  vi.advanceTimersByTime(300);
  const before = state().announcement.count;
  for (let i = 0; i < 5; i++) press(shape(1), 'ArrowRight');
  vi.advanceTimersByTime(300);
  expect(state().announcement.count).toBe(before + 1);
  expect(state().announcement.text).toBe('Box 1, dog, column 6 row 1, 2 wide 3 high');
});

test('five arrow keys are one undo', async () => {
  const { desk, state, boxes } = await studio();
  act(() => void addBox(desk, { row: 0, col: 0, height: 3, width: 2 }));
  for (let i = 0; i < 5; i++) press(shape(1), 'ArrowRight');
  fireEvent.click(screen.getByRole('button', { name: /^Undo moving/ }));
  expect(boxes()).toEqual([[0, 0, 3, 2]]);
  fireEvent.click(screen.getByRole('button', { name: /^Redo/ }));
  expect(boxes()).toEqual([[0, 5, 3, 2]]);
  expect(sheetOf(state()).boxes).toHaveLength(1);
});

test('the list changes a box by numbers, and keeps it on the picture', async () => {
  const { desk, boxes } = await studio();
  act(() => void addBox(desk, { row: 1, col: 1, height: 2, width: 2 }));
  const item = within(screen.getByRole('list', { name: 'Boxes' })).getByRole('listitem');
  fireEvent.change(within(item).getByRole('textbox', { name: 'Width' }), { target: { value: '5' } });
  expect(boxes()).toEqual([[1, 1, 2, 5]]);
  fireEvent.change(within(item).getByRole('textbox', { name: 'Column' }), { target: { value: '8' } });
  expect(boxes()[0]!).toEqual([1, 3, 2, 5]);
  fireEvent.click(within(item).getByRole('button', { name: 'Row more' }));
  expect(boxes()[0]!).toEqual([2, 3, 2, 5]);
});

test('a box can be painted as the picture itself', async () => {
  const { desk, state } = await studio();
  act(() => void addBox(desk, { row: 1, col: 1, height: 2, width: 2 }));
  fireEvent.click(screen.getByRole('checkbox', { name: 'Same as the picture' }));
  expect(sheetOf(state()).boxes[0]!.classId).toBeUndefined();
  expect(screen.getByRole('button', { name: /Repaint the box/ })).toBeTruthy();
});

test('every cell that will be painted is hatched once, by the box that paints it', async () => {
  const { desk } = await studio();
  act(() => {
    addBox(desk, { row: 0, col: 0, height: 2, width: 2 });
    addBox(desk, { row: 1, col: 1, height: 2, width: 2 });
  });
  const plans = [...document.querySelectorAll('[data-plan]')].map((path) => [
    path.getAttribute('data-plan'),
    path.getAttribute('d')?.match(/M/g)?.length ?? 0,
  ]);
  // The first box keeps a row of two cells and a single one; the later box has its two rows; no cell is marked.
  expect(plans).toEqual([
    ['free', 0],
    ['1', 2],
    ['2', 2],
  ]);
});

test('a result is looked at without hatching, and Keep and Discard decide on it', async () => {
  const { desk, state } = await studio();
  act(() => void addBox(desk, { row: 0, col: 0, height: 2, width: 2 }));
  await act(() => generate(desk));
  expect(document.querySelectorAll('[data-plan]')).toHaveLength(0);
  const bar = screen.getByRole('toolbar', { name: 'Results of the edit' });
  expect(bar.textContent).toContain('1 / 1');
  const result = state().staged[0];
  fireEvent.click(within(bar).getByRole('button', { name: 'Keep' }));
  expect(sheetOf(state())).toMatchObject({ baseId: result, boxes: [] });
  expect(screen.queryByRole('toolbar', { name: 'Results of the edit' })).toBeNull();
});

test('who pressed Repaint decides with the next key, and is on the picture afterwards', async () => {
  const { desk, state } = await studio();
  act(() => void addBox(desk, { row: 0, col: 0, height: 2, width: 2 }));
  screen.getByRole('button', { name: /^Repaint as/ }).focus();
  await act(() => generate(desk));
  const keep = screen.getByRole('button', { name: 'Keep' });
  expect(document.activeElement).toBe(keep);
  fireEvent.click(keep);
  await vi.waitFor(() => expect(document.activeElement?.id).toBe('stage'));
  act(() => void addBox(desk, { row: 0, col: 0, height: 2, width: 2 }));
  await act(() => generate(desk));
  press(shape(1), 'Enter', { shiftKey: true });
  expect(state().staged).toEqual([]);
  expect(state().dialog).toBeUndefined();
});

test('holding \\ shows the picture before, and letting go the result again', async () => {
  const { desk, state } = await studio();
  end();
  end = listenToKeys(desk);
  act(() => void addBox(desk, { row: 0, col: 0, height: 2, width: 2 }));
  await act(() => generate(desk));
  press(document.body, '\\');
  expect(state().compare).toBe('held');
  press(document.body, 'c');
  expect(state().compare).toBe('slider');
  const slider = await vi.waitFor(() => screen.getByRole('slider', { name: 'Before and after' }));
  press(slider, 'ArrowLeft');
  expect(state().split).toBeCloseTo(0.45);
});
