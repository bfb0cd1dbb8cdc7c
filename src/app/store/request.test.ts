import { describe, expect, it } from 'vitest';
import { createStudio } from './studio.ts';
import { presetOf, presetsFor } from './request.ts';

const preset = (store = createStudio()) => presetOf(store.getState().wish.settings, store.getState().defaults);

describe('the wish', () => {
  it('is Balanced until somebody changes it', () => {
    expect(preset()).toBe('balanced');
  });

  it.each([
    ['fast', 4],
    ['balanced', 8],
    ['best', 16],
  ] as const)('as %s takes %i steps and the model’s own settings', (id, steps) => {
    const store = createStudio();
    store.getState().tune({ temperature: 0.3 });
    expect(preset(store)).toBeUndefined();
    store.getState().choosePreset(id);
    expect(store.getState().wish.settings).toEqual({ ...store.getState().defaults, steps });
    expect(preset(store)).toBe(id);
  });

  it.each([
    [8, [4, 8, 16]],
    [12, [4, 8, 12]],
    [32, [4, 8, 32]],
    [3, [3, 8, 16]],
  ])('of a model whose makers took %i steps has a preset with as many', (steps, expected) => {
    const store = createStudio();
    const published = { ...store.getState().defaults, steps };
    expect(presetsFor(published).map((one) => one.steps)).toEqual(expected);
    store.getState().setDefaults(published);
    store.getState().resetSettings();
    expect(preset(store)).toBeDefined();
  });

  it('is reset to what the model says, with a free seed', () => {
    const store = createStudio();
    store.getState().tune({ steps: 3, order: 'halton' });
    store.getState().change({ seedLocked: true });
    store.getState().resetSettings();
    expect(store.getState().wish.settings).toEqual(store.getState().defaults);
    expect(store.getState().wish.seedLocked).toBe(false);
  });

  it('remembers the six classes used last, each once', () => {
    const { getState } = createStudio();
    [1, 2, 3, 1, 4, 5, 6, 7].forEach((id) => getState().remember(id));
    expect(getState().recents).toEqual([7, 6, 5, 4, 1, 3]);
  });
});
