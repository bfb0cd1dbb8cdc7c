import { describe, expect, it } from 'vitest';
import { memoryShelf, type Kept, type Shelf } from './shelf.ts';
import { readyDesk, tinyManifest } from '../testing/fakeDesk.ts';
import { generate } from './generate.ts';
import {
  deleteResult,
  factorOf,
  makeRoom,
  openResult,
  restoreResults,
  reuseSettings,
  toggleStar,
  undoDelete,
} from './results.ts';

async function deskWith(pictures: number, shelf?: Shelf) {
  const { desk } = readyDesk(shelf ? { shelf } : {});
  desk.store.getState().change({ count: pictures, seed: 1, seedLocked: true });
  await generate(desk);
  const state = () => desk.store.getState();
  return { desk, state, ids: () => state().results.map(({ id }) => id) };
}

describe('results', () => {
  it('come back after a reload with all their steps', async () => {
    const shelf = memoryShelf();
    const before = await deskWith(2, shelf);
    const { desk } = readyDesk({ shelf });
    await restoreResults(desk);
    expect(desk.store.getState().results.map(({ id }) => id)).toEqual(before.ids());
    await openResult(desk, before.ids()[1]!);
    expect(desk.store.getState()).toMatchObject({ showing: 'result', frame: 5, availableFrames: 5, totalFrames: 5 });
    expect(desk.reels.get(before.ids()[1]!)!.done).toHaveLength(4);
  });

  it('that lack a setting, because an earlier version made them, can be asked for again', async () => {
    const shelf = memoryShelf();
    await deskWith(1, shelf);
    const [kept] = await shelf.all();
    const { corrections: _, ...settings } = kept!.result.settings;
    await shelf.put({ ...kept!, result: { ...kept!.result, settings } as Kept['result'] });
    const { desk } = readyDesk({ shelf });
    await restoreResults(desk);
    reuseSettings(desk, desk.store.getState().results[0]!, true);
    expect(desk.store.getState().wish.settings).toEqual({ ...settings, corrections: 0 });
  });

  it('are deleted one at a time and brought back to their place', async () => {
    const { desk, ids } = await deskWith(3);
    const [first, second, third] = ids();
    await deleteResult(desk, second!);
    expect(ids()).toEqual([first, third]);
    expect(await desk.shelf.all()).toHaveLength(2);
    await undoDelete(desk);
    expect(ids()).toEqual([first, second, third]);
    expect(await desk.shelf.all()).toHaveLength(3);
  });

  it('leave the stage to their neighbour when they are deleted', async () => {
    const { desk, state, ids } = await deskWith(2);
    const [first, second] = ids();
    await deleteResult(desk, first!);
    expect(state().reelId).toBe(second);
    await deleteResult(desk, second!);
    expect(state().showing).toBe('nothing');
  });

  it('keep their star over a reload', async () => {
    const shelf = memoryShelf();
    const { desk, ids } = await deskWith(1, shelf);
    await toggleStar(desk, ids()[0]!);
    expect((await shelf.all())[0]!.result.starred).toBe(true);
  });

  it('stay for this visit when the storage is full, and the page says so', async () => {
    const full: Shelf = {
      ...memoryShelf(),
      put: async () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    const { state } = await deskWith(1, full);
    expect(state().results).toHaveLength(1);
    expect(state().problem?.name).toBe('StorageFull');
  });

  it('make room by giving up the oldest without a star', async () => {
    const { desk, state, ids } = await deskWith(4);
    const [newest, , third, oldest] = ids();
    await toggleStar(desk, oldest!);
    await makeRoom(desk);
    expect(ids()).toEqual([newest, oldest]);
    expect(ids()).not.toContain(third);
    expect(state().problem).toBeUndefined();
  });

  it('are an empty shelf where the browser forbids storage', async () => {
    const shelf: Shelf = {
      ...memoryShelf(),
      all: async (): Promise<Kept[]> => {
        throw new DOMException('no', 'SecurityError');
      },
    };
    const { desk } = readyDesk({ shelf });
    await restoreResults(desk);
    expect(desk.store.getState().results).toEqual([]);
  });

  it('hand their class, settings and seed to the next picture', async () => {
    const { desk, state } = await deskWith(1);
    const result = { ...state().results[0]!, classId: 2, seed: 99 };
    reuseSettings(desk, result, true);
    expect(state().wish).toMatchObject({ classId: 2, seed: 99, seedLocked: true });
    reuseSettings(desk, result, false);
    expect(state().wish.seedLocked).toBe(false);
  });

  it('are enlarged by whole factors only when the model draws pixels', async () => {
    const { desk } = await deskWith(0);
    expect(factorOf(desk)).toBe(512 / 8);
    const image = { size: 8, pixelArt: false };
    desk.store.getState().setManifest({ ...tinyManifest, config: { ...tinyManifest.config, image } });
    expect(factorOf(desk)).toBe(1);
  });
});
