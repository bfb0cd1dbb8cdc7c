// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { readyDesk } from '../testing/fakeDesk.ts';
import { listenToKeys } from './keys.ts';
import { shortcuts } from './shortcuts.ts';

let end = (): void => {};
afterEach(() => (end(), document.body.replaceChildren()));

function desk() {
  const made = readyDesk().desk;
  end = listenToKeys(made);
  return { desk: made, state: () => made.store.getState() };
}

function press(key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body): boolean {
  return !target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }));
}

function field(): HTMLInputElement {
  const input = document.createElement('input');
  document.body.append(input);
  return input;
}

describe('shortcuts', () => {
  it('answer single keys on the page', () => {
    const { state } = desk();
    expect(press('g')).toBe(true);
    expect(state().gridShown).toBe(true);
    expect(press('5', { code: 'Digit5' })).toBe(true);
    expect(state().overlay).toBe('sureness');
    expect(press('?', { shiftKey: true })).toBe(true);
    expect(state().dialog).toBe('shortcuts');
  });

  it('leave a text field alone, but for Ctrl+Enter', () => {
    const { state } = desk();
    const input = field();
    expect(press('g', {}, input)).toBe(false);
    expect(state().gridShown).toBe(false);
    expect(press('Enter', { ctrlKey: true }, input)).toBe(true);
    expect(state().job.kind).not.toBe('idle');
  });

  it('are silent while a dialog is open or a word is being composed', () => {
    const { state } = desk();
    expect(press('g', { isComposing: true })).toBe(false);
    state().openDialog('settings');
    expect(press('g')).toBe(false);
    expect(state().gridShown).toBe(false);
  });

  it('of a single key can be switched off; the others stay', () => {
    const { state } = desk();
    state().prefer({ singleKeys: false });
    expect(press('g')).toBe(false);
    expect(press('k', { ctrlKey: true })).toBe(true);
    expect(state().dialog).toBe('classes');
  });

  it('leave to the browser what has no meaning now', () => {
    desk();
    expect(press('Escape')).toBe(false);
    expect(press('z', { ctrlKey: true })).toBe(false);
    expect(press('s', { ctrlKey: true })).toBe(false);
    expect(press('c', { ctrlKey: true })).toBe(false);
  });

  it('have no two of the same keys', () => {
    const names = shortcuts.map(({ keys }) => keys.join('+'));
    expect(new Set(names).size).toBe(names.length);
  });
});
