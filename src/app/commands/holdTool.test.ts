// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { editingDesk } from '../testing/editingDesk.ts';
import { listenToHeldTools, pressTool } from './holdTool.ts';

let end = (): void => {};
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => (end(), vi.useRealTimers()));

/** A key that is down for so long; it repeats, as keys do. */
function hold(ms: number, tool: 'box' | 'brush' = 'box', key = 'b') {
  const { desk } = editingDesk();
  end = listenToHeldTools(desk);
  pressTool(desk, tool, key);
  vi.advanceTimersByTime(ms);
  pressTool(desk, tool, key);
  const draft = { id: 1, row: 0, col: 0, height: 1, width: 1 };
  desk.store.getState().sketch(draft);
  document.dispatchEvent(new KeyboardEvent('keyup', { key: key.toUpperCase() }));
  return desk.store.getState();
}

it('takes a tool for good when its key is tapped', () => {
  expect(hold(80).tool).toBe('box');
});

it('lends a tool while its key is held, and draws what was begun to its end', () => {
  const { tool, draft } = hold(600);
  expect([tool, draft?.id]).toEqual(['view', 1]);
});
