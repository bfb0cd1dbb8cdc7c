// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Racer } from '../../wire/race.ts';
import { readyDesk } from '../testing/fakeDesk.ts';
import { DeskContext } from './desk.ts';
import RaceView from './RaceView.tsx';

afterEach(() => (cleanup(), vi.unstubAllGlobals()));

/** Lanes that run at once, each pass a millisecond after the one before. */
const racer: Racer = {
  load: async () => {},
  async run({ kind }, onPass) {
    const passes = kind === 'parallel' ? 4 : 16;
    for (let pass = 1; pass <= passes; pass++) {
      const tokens = new Int32Array(16);
      onPass({ pass, passes, tokens, guess: tokens, logProb: new Float32Array(16), atMs: pass });
    }
    return { passes, ms: passes, picture: { width: 1, height: 1, rgba: new Uint8ClampedArray(4) } };
  },
};

function open() {
  vi.stubGlobal('ResizeObserver', class { observe() {} disconnect() {} }); // prettier-ignore
  const { desk } = readyDesk();
  const dismiss = vi.fn<() => void>();
  desk.hireRacer = async () => ({ racer, dismiss });
  desk.store.getState().prefer({ motion: 'reduced' });
  const view = render(<DeskContext value={desk}><RaceView /></DeskContext>); // prettier-ignore
  return { desk, dismiss, view };
}

describe('the race', () => {
  it('counts the passes of both, names the faster in words, and offers another', async () => {
    open();
    expect(await screen.findByText('pass 0 of 16')).toBeTruthy();
    fireEvent.click(await screen.findByRole('button', { name: 'Start' }));
    await screen.findByRole('button', { name: 'Race again' });
    expect(screen.getByText('4 passes, 4.0 ms — 16 passes, 16 ms: MaskGIT is 4.0 × as fast.')).toBeTruthy();
    expect(screen.getByText('pass 4 of 4')).toBeTruthy();
    expect(screen.getByText('pass 16 of 16')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Show again' })).toBeTruthy();
  });

  it('paints what is chosen, and waits while a picture is being painted', async () => {
    const { desk } = open();
    fireEvent.change(await screen.findByRole('combobox', { name: 'Both paint' }), { target: { value: '2' } });
    expect(screen.getAllByLabelText('castle, not finished')).toHaveLength(2);
    const start = await screen.findByRole('button', { name: 'Start' });
    desk.store.getState().begin(1, 1, 1, 8);
    await vi.waitFor(() => expect(start).toHaveProperty('disabled', true));
    expect(screen.getByText(/Your device is busy/)).toBeTruthy();
    desk.store.getState().end(1);
    await vi.waitFor(() => expect(start).toHaveProperty('disabled', false));
  });

  it('has no second opponent where none ships, and lets its worker go when it closes', async () => {
    const { dismiss, view } = open();
    await screen.findByText(/Ready/);
    expect(screen.queryByRole('radio')).toBeNull();
    view.unmount();
    await vi.waitFor(() => expect(dismiss).toHaveBeenCalledOnce());
  });
});
