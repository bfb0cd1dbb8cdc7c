import { describe, expect, it } from 'vitest';
import { tinyManifest } from './testing/fakeDesk.ts';
import { fakeEngine } from './testing/fakeEngine.ts';
import { workerSeat } from './engineWorker.ts';

describe('the seat of the engine', () => {
  it('dismisses the old worker before it takes a new one', () => {
    const log: string[] = [];
    let hired = 0;
    const seat = workerSeat(() => {
      const name = `worker ${++hired}`;
      log.push(`hire ${name}`);
      return { engine: fakeEngine({ manifest: tinyManifest }), dismiss: () => log.push(`dismiss ${name}`) };
    });
    const first = seat.engine;
    seat.renew();
    expect(seat.engine).not.toBe(first);
    expect(log).toEqual(['hire worker 1', 'dismiss worker 1', 'hire worker 2']);
  });
});
