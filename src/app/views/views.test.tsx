// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReactNode } from 'react';
import type { Desk } from '../commands/desk.ts';
import type { ProblemName } from '../store/machine.ts';
import { fakeDesk, readyDesk } from '../testing/fakeDesk.ts';
import { Advanced } from './Advanced.tsx';
import { DeskContext } from './desk.ts';
import { Filmstrip } from './Filmstrip.tsx';
import { GenerateButton } from './GenerateButton.tsx';
import { ProblemCard } from './ProblemCard.tsx';
import { problems } from './problems.ts';
import { generate } from '../commands/generate.ts';

afterEach(cleanup);
const show = (desk: Desk, view: ReactNode) => render(<DeskContext value={desk}>{view}</DeskContext>);

describe('every problem', () => {
  it.each(Object.keys(problems) as ProblemName[])('%s has a sentence, a cause and one thing to do', (name) => {
    const { desk } = fakeDesk();
    desk.store.getState().report({ name, message: 'the details' });
    show(desk, <ProblemCard />);
    const { title, cause, stillWorks, action } = problems[name];
    expect(screen.getByRole('alert').textContent).toContain(title);
    expect(screen.getByRole('alert').textContent).toContain(cause);
    expect(screen.getByRole('alert').textContent).toContain(stillWorks);
    expect(screen.getByRole('button', { name: action })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Copy details' })).toBeTruthy();
  });

  it('has words of its own', () => {
    const titles = Object.values(problems).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

describe('the one button', () => {
  it.each([
    [[1, 1, 8, 1], 'Stop'],
    [[2, 4, 8, 1], 'Stop 2 of 4'],
    [[5, 8, 8, 4], 'Stop 5–8 of 8'],
  ] as const)('says which of several pictures it stops: %j', ([picture, pictures, steps, together], words) => {
    const { desk } = readyDesk();
    desk.store.getState().begin(1, picture, pictures, steps, together);
    show(desk, <GenerateButton />);
    expect(screen.getByRole('button').textContent.trim()).toBe(words);
  });

  it('generates, then stops, in the same place', async () => {
    const { desk } = readyDesk({ engine: { generate: () => new Promise(() => {}) } });
    show(desk, <GenerateButton />);
    fireEvent.click(screen.getByRole('button', { name: /Generate/ }));
    expect((await screen.findByRole('button', { name: 'Stop' })).textContent).toContain('Stop');
  });

  it('plays a recording where there is no engine', () => {
    const { desk } = fakeDesk();
    desk.store.getState().setMachine({ kind: 'failed' });
    show(desk, <GenerateButton />);
    expect(screen.getByRole('button', { name: /Play a recording/ })).toHaveProperty('disabled', true);
    cleanup();
    desk.store.getState().addRecording({ reelId: 'a', classId: 0 });
    show(desk, <GenerateButton />);
    expect(screen.getByRole('button', { name: /Play a recording/ })).toHaveProperty('disabled', false);
  });
});

describe('Advanced', () => {
  it('clamps while typing and says so', () => {
    const { desk } = readyDesk();
    show(desk, <Advanced />);
    fireEvent.change(screen.getByRole('textbox', { name: 'Steps' }), { target: { value: '99' } });
    expect(desk.store.getState().wish.settings.steps).toBe(16);
    expect(screen.getByText(/goes up to 16/)).toBeTruthy();
  });

  it('locks the seed that somebody types', () => {
    const { desk } = readyDesk();
    show(desk, <Advanced />);
    fireEvent.change(screen.getByRole('textbox', { name: 'Seed' }), { target: { value: '7' } });
    expect(desk.store.getState().wish).toMatchObject({ seed: 7, seedLocked: true });
  });
});

describe('the filmstrip', () => {
  it('is one stop of Tab, walked by arrow keys, and Delete deletes one', async () => {
    const { desk } = readyDesk();
    desk.store.getState().change({ count: 3 });
    await generate(desk);
    show(desk, <Filmstrip />);
    const frames = screen.getAllByRole('button');
    expect(frames.map((frame) => frame.tabIndex)).toEqual([0, -1, -1]);
    frames[0]!.focus();
    fireEvent.keyDown(frames[0]!, { key: 'ArrowRight' });
    expect(document.activeElement).toBe(frames[1]);
    fireEvent.keyDown(frames[1]!, { key: 'Delete' });
    expect(desk.store.getState().results).toHaveLength(2);
  });
});
