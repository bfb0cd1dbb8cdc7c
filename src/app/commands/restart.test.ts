import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine, GenerateResult } from '../../core/engine.ts';
import { editingDesk } from '../testing/editingDesk.ts';
import { addBox, changeBox, removeBox, setBoxClass } from './boxes.ts';
import { generate } from './generate.ts';
import { restartOnChange } from './restart.ts';

let end = (): void => {};
beforeEach(() => void vi.useFakeTimers());
afterEach(() => (end(), vi.useRealTimers()));

/** A run that goes on until it is stopped or let go, on a picture with a box, or of a new picture. */
async function running(isEdit: boolean) {
  const { desk, requests } = editingDesk();
  await generate(desk);
  const box = isEdit ? addBox(desk, { row: 0, col: 0, height: 2, width: 2 })! : undefined;
  end = restartOnChange(desk);
  const engine = desk.seat.engine as { generate: Engine['generate'] };
  const plain = engine.generate;
  let letGo = (): void => {};
  engine.generate = async (request, onStep, stop): Promise<GenerateResult> => {
    const made = await plain(request, onStep, stop);
    const stopped = await new Promise<boolean>((resolve) => {
      letGo = () => resolve(false);
      (stop as AbortSignal).addEventListener('abort', () => resolve(true));
    });
    return { ...made, stopped };
  };
  requests.length = 0;
  const ended = generate(desk);
  await vi.advanceTimersByTimeAsync(0);
  const finish = async () => (letGo(), await vi.advanceTimersByTimeAsync(0), ended);
  return { desk, box, requests, state: () => desk.store.getState(), finish };
}

describe('what is changed while a run goes on', () => {
  it('begins it anew, once for several changes, and what ran before leaves no picture', async () => {
    const { desk, box, requests, state, finish } = await running(true);
    const kept = state().results.length;
    setBoxClass(desk, box!.id, 1);
    changeBox(desk, box!.id, { col: 3 }, 'moving');
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(120);
    expect(requests).toHaveLength(2);
    expect(requests[1]!.classId).toBe(1);
    expect(requests[1]!.tokens!.indexOf(-1)).toBe(3);
    await finish();
    expect(state().results).toHaveLength(kept + 1);
    expect(state().staged).toHaveLength(1);
    expect(state().job.kind).toBe('idle');
  });

  it('is the class of a new picture too; the class of the next picture changes no edit', async () => {
    const plain = await running(false);
    plain.desk.store.getState().change({ classId: 3 });
    await vi.advanceTimersByTimeAsync(120);
    expect(plain.requests.map(({ classId }) => classId)).toEqual([0, 3]);
    await plain.finish();
    end();
    const edit = await running(true);
    edit.desk.store.getState().change({ classId: 3 });
    await vi.advanceTimersByTimeAsync(500);
    expect(edit.requests).toHaveLength(1);
    await edit.finish();
  });

  it('ends the run when the last box is taken away, and paints nothing instead', async () => {
    const { desk, box, requests, state } = await running(true);
    const kept = state().results.length;
    removeBox(desk, box!.id);
    await vi.advanceTimersByTimeAsync(500);
    expect(requests).toHaveLength(1);
    expect(state()).toMatchObject({ job: { kind: 'idle' }, staged: [] });
    expect(state().results).toHaveLength(kept);
  });
});
