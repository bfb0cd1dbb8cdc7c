import { describe, expect, it } from 'vitest';
import { Failure, failureNames } from '../../core/failure.ts';
import { fakeDesk } from '../testing/fakeDesk.ts';
import { restartMachine, startMachine } from './machine.ts';
import { generate } from './generate.ts';

describe('startMachine', () => {
  it('goes through every stage of a load and ends ready', async () => {
    const { desk } = fakeDesk();
    const seen = new Set<string>();
    desk.store.subscribe(({ machine }) => seen.add(machine.kind === 'loading' ? machine.progress.stage : machine.kind));
    expect(await startMachine(desk)).toBe(true);
    expect([...seen]).toEqual(['starting', 'download', 'verify', 'upload', 'compile', 'warmUp', 'ready']);
  });

  it.each(failureNames)('names %s as the problem when opening fails with it', async (name) => {
    const { desk } = fakeDesk({
      engine: {
        open: async () => {
          throw new Failure(name, 'why');
        },
      },
    });
    expect(await startMachine(desk)).toBe(false);
    expect(desk.store.getState().problem).toEqual({ name, message: 'why' });
    expect(desk.store.getState().machine.kind).toBe('failed');
  });

  it('takes the problem away when a new start succeeds', async () => {
    let isBroken = true;
    const { desk, seats } = fakeDesk({
      engine: {
        open: async () => {
          if (isBroken) throw new Failure('NoAdapter', 'none');
          return { vendor: 'v', architecture: '', description: '', isFallback: false, features: [] };
        },
      },
    });
    await startMachine(desk);
    isBroken = false;
    expect(await restartMachine(desk)).toBe(true);
    expect(seats.renewed).toBe(1);
    expect(desk.store.getState().problem).toBeUndefined();
    await generate(desk);
    expect(desk.store.getState().results).toHaveLength(1);
  });
});
