import { describe, expect, it, vi } from 'vitest';
import type { Engine, StepEvent } from '../../core/engine.ts';
import { Failure } from '../../core/failure.ts';
import { fakeEngine } from '../testing/fakeEngine.ts';
import { fakeDesk, readyDesk, tinyManifest } from '../testing/fakeDesk.ts';
import { tryAnew } from './extend.ts';
import { generate, generateOrStop, stopJob } from './generate.ts';

const painter = fakeEngine({ manifest: tinyManifest });
const idle = { kind: 'idle' };

describe('generate', () => {
  it('puts the finished picture first in the filmstrip, on the stage and on the shelf', async () => {
    const { desk } = readyDesk();
    desk.store.getState().change({ classId: 1 });
    await generate(desk);
    const { results, reelId, job, availableFrames, totalFrames } = desk.store.getState();
    expect(results).toMatchObject([{ className: 'fox', seed: 41, steps: 4, stopped: false }]);
    expect(reelId).toBe(results[0]!.id);
    expect([availableFrames, totalFrames]).toEqual([5, 5]);
    expect(job).toEqual(idle);
    expect(await desk.shelf.all()).toHaveLength(1);
  });

  it('makes as many pictures as asked, with seeds that follow one another', async () => {
    const { desk } = readyDesk();
    desk.store.getState().change({ count: 3, seed: 0xffff_ffff, seedLocked: true });
    await generate(desk);
    expect(desk.store.getState().results.map(({ seed }) => seed)).toEqual([1, 0, 0xffff_ffff]);
  });

  it('draws a new seed at every press, and keeps a locked one', async () => {
    const { desk } = readyDesk();
    await generate(desk);
    expect(desk.store.getState().wish.seed).toBe(41);
    desk.store.getState().change({ seed: 7, seedLocked: true });
    await generate(desk);
    expect(desk.store.getState().results[0]!.seed).toBe(7);
  });

  it('tells the pace of most steps, however long the first one waited', async () => {
    const { desk } = readyDesk({
      engine: {
        generate: (request, onStep, stop) =>
          painter.generate(request, (event) => onStep({ ...event, ms: event.step === 0 ? 2000 : 20 }), stop),
      },
    });
    await generate(desk);
    expect(desk.store.getState().lastStepMs).toBe(20);
    expect(desk.store.getState().results[0]!.stepMs).toBe(20);
  });

  it('keeps what was painted when it is stopped half-way', async () => {
    const { desk } = readyDesk({
      engine: {
        generate: (request, onStep, stop) =>
          painter.generate(request, (event) => (onStep(event), event.step === 1 && stopJob(desk)), stop),
      },
    });
    desk.store.getState().change({ count: 5 });
    await generate(desk);
    expect(desk.store.getState().results).toMatchObject([{ stopped: true, steps: 2 }]);
    expect(desk.store.getState().totalFrames).toBe(3);
    expect(desk.store.getState().job).toEqual(idle);
  });

  it('leaves nothing behind when it is stopped before the first step', async () => {
    const { desk } = readyDesk({
      engine: { generate: (request, onStep, stop) => (stopJob(desk), painter.generate(request, onStep, stop)) },
    });
    await generate(desk);
    expect(desk.store.getState().results).toEqual([]);
    expect(desk.store.getState().job).toEqual(idle);
  });

  it('ignores progress that arrives after the end', async () => {
    let late = (): void => {};
    const { desk } = readyDesk({
      engine: {
        generate: async (request, onStep, stop) => {
          const made = await painter.generate(request, onStep, stop);
          const event = { step: 9, steps: 9, ms: 1 } as StepEvent;
          late = () => onStep(event);
          return made;
        },
      },
    });
    await generate(desk);
    const before = desk.store.getState();
    late();
    expect(desk.store.getState().job).toEqual(idle);
    expect(desk.store.getState().availableFrames).toBe(before.availableFrames);
  });

  it('lets the newest press win', async () => {
    const { desk } = readyDesk();
    const first = generate(desk);
    desk.store.getState().change({ classId: 2 });
    const second = generate(desk);
    await Promise.all([first, second]);
    expect(desk.store.getState().results[0]!.className).toBe('castle');
    expect(desk.store.getState().job).toEqual(idle);
  });

  it('waits for the model and then begins by itself', async () => {
    const { desk } = fakeDesk();
    const asked = generate(desk);
    expect(desk.store.getState().job.kind).toBe('waiting');
    desk.store
      .getState()
      .setMachine({ kind: 'ready', model: { weightBytes: 1, scratchBytes: 1, loadMs: 1, picturesAtOnce: 1 } });
    await asked;
    expect(desk.store.getState().results).toHaveLength(1);
  });

  it('stops waiting when asked to, or when the engine fails', async () => {
    const { desk } = fakeDesk();
    const asked = generate(desk);
    generateOrStop(desk);
    await asked;
    expect(desk.store.getState().job).toEqual(idle);
    const again = generate(desk);
    desk.store.getState().setMachine({ kind: 'failed' });
    await again;
    expect(desk.store.getState().job).toEqual(idle);
  });

  it('brings a lost GPU back once and paints the same picture again', async () => {
    let calls = 0;
    const engine: Partial<Engine> = {
      generate: (request, onStep, stop) => {
        if (calls++ === 0) throw new Failure('DeviceLost', 'the device is lost');
        return painter.generate(request, onStep, stop);
      },
    };
    const { desk, seats } = readyDesk({ engine });
    await generate(desk);
    expect(seats.renewed).toBe(1);
    expect(desk.store.getState().results).toMatchObject([{ seed: 41 }]);
    expect(desk.store.getState().problem).toBeUndefined();
  });

  it('tells a second loss within a minute instead of trying for ever', async () => {
    const engine: Partial<Engine> = {
      generate: async () => {
        throw new Failure('DeviceLost', 'the device is lost');
      },
    };
    const { desk, seats } = readyDesk({ engine });
    await generate(desk);
    expect(seats.renewed).toBe(1);
    expect(desk.store.getState().problem?.name).toBe('DeviceLost');
    expect(desk.store.getState().machine.kind).toBe('failed');
    expect(desk.store.getState().job).toEqual(idle);
  });

  it('tells what a refused request was refused for', async () => {
    const engine: Partial<Engine> = {
      generate: async () => {
        throw Object.assign(new Error('steps is 99; it must be from 1 to 16'), { name: 'BadRequest' });
      },
    };
    const { desk } = readyDesk({ engine });
    await generate(desk);
    expect(desk.store.getState().problem).toEqual({ name: 'BadRequest', message: expect.stringContaining('1 to 16') });
  });

  it('takes a new seed at once when asked for another', async () => {
    const { desk } = readyDesk();
    desk.store.getState().change({ seed: 7, seedLocked: true });
    void tryAnew(desk);
    await vi.waitFor(() => expect(desk.store.getState().wish).toMatchObject({ seed: 41, seedLocked: false }));
    stopJob(desk);
  });
});
