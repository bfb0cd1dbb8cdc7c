import { describe, expect, it } from 'vitest';
import { createStudio } from './studio.ts';

describe('the job', () => {
  it('is changed by its own events only', () => {
    const { getState } = createStudio();
    getState().begin(1, 1, 1, 8);
    getState().begin(2, 1, 1, 8);
    getState().reach(1, 5, 40);
    expect(getState().job).toMatchObject({ id: 2, step: 0 });
    getState().end(1);
    expect(getState().job.kind).toBe('running');
    getState().reach(2, 3, 40);
    getState().end(2);
    expect(getState().job).toEqual({ kind: 'idle' });
    expect(getState().lastStepMs).toBe(40);
  });

  it('lets no event of another reel change the stage', () => {
    const { getState } = createStudio();
    getState().show('live', 'a', { frame: 0, available: 0, total: 9 });
    getState().extend('b', 4);
    getState().shorten('b', 2);
    expect(getState()).toMatchObject({ availableFrames: 0, totalFrames: 9 });
  });
});
