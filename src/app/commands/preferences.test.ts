// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { createStudio } from '../store/studio.ts';
import { keepPreferences, readPreferences } from './preferences.ts';

beforeEach(() => localStorage.clear());

describe('preferences', () => {
  it('come back in the next visit', () => {
    const first = createStudio();
    keepPreferences(first);
    first.getState().prefer({ theme: 'dark', motion: 'reduced', singleKeys: false });
    first.getState().change({ count: 4 });
    first.getState().remember(7);
    const second = createStudio();
    readPreferences(second);
    expect(second.getState()).toMatchObject({ theme: 'dark', motion: 'reduced', singleKeys: false, recents: [7] });
    expect(second.getState().wish.count).toBe(4);
  });

  it('never break the page, whatever the storage holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        localStorage.setItem('unmask.preferences', text);
        const store = createStudio();
        readPreferences(store);
        const { theme, wish } = store.getState();
        expect(['system', 'light', 'dark']).toContain(theme);
        expect(wish.count).toBeGreaterThanOrEqual(1);
        expect(wish.count).toBeLessThanOrEqual(9);
      }),
    );
  });
});
