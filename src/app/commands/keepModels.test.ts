import { afterEach, describe, expect, it, vi } from 'vitest';
import { readyDesk } from '../testing/fakeDesk.ts';
import { generate } from './generate.ts';

afterEach(() => vi.unstubAllGlobals());

/** A browser that promises to keep things, or does not, and counts how often it was asked. */
function browser({ isKept = false, gives = true } = {}) {
  const asked = { times: 0, isKept };
  const persist = async () => (asked.times++, (asked.isKept = gives));
  vi.stubGlobal('navigator', { storage: { persisted: async () => asked.isKept, persist } });
  return asked;
}

const local = (): ReturnType<typeof readyDesk>['desk'] => {
  const { desk } = readyDesk();
  desk.modelUrl = 'local:toy';
  return desk;
};

describe('the storage of models that were brought in', () => {
  it('is asked to be kept after the first picture, not before, and once a visit', async () => {
    const asked = browser({ gives: false });
    const desk = local();
    expect(asked.times).toBe(0);
    await generate(desk);
    await vi.waitFor(() => expect(asked.times).toBe(1));
    await generate(desk);
    expect(asked.times).toBe(1);
  });

  it('is not asked for where it is kept already, or where the model came with the page', async () => {
    const kept = browser({ isKept: true });
    await generate(local());
    expect(kept.times).toBe(0);
    const asked = browser();
    await generate(readyDesk().desk);
    expect(asked.times).toBe(0);
  });

  it('costs no picture in a browser that knows no such promise', async () => {
    vi.stubGlobal('navigator', {});
    const desk = local();
    await generate(desk);
    expect(desk.store.getState().results).toHaveLength(1);
  });
});
