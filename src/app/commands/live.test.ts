import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../core/engine.ts';
import type { PaintBox } from '../../core/boxes.ts';
import { sheetOf } from '../store/editing.ts';
import { editingDesk } from '../testing/editingDesk.ts';
import { addBox, changeBox } from './boxes.ts';
import { extendPicture } from './extend.ts';
import { generate } from './generate.ts';
import { followLive, liveObstacle } from './live.ts';

let end = (): void => {};
afterEach(() => end());
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** A picture with a box, live switched on, and an engine whose runs end when they are told to. */
async function dragging(lastStepMs = 20) {
  const { desk, requests } = editingDesk();
  await generate(desk);
  const box = addBox(desk, { row: 0, col: 0, height: 2, width: 2 })!;
  const state = () => desk.store.getState();
  desk.store.setState({ lastStepMs, live: true });
  end = followLive(desk);
  requests.length = 0;
  const engine = desk.seat.engine as { generate: Engine['generate'] };
  const plain = engine.generate;
  const waiting: (() => void)[] = [];
  engine.generate = async (...asked) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return plain(...asked);
  };
  const drag = async (col: number): Promise<void> => (state().sketch({ ...box, col }), rest());
  const drop = async (col: number): Promise<void> => {
    state().sketch(undefined);
    changeBox(desk, box.id, { col }, 'moving');
    await rest();
  };
  const finishRun = async (): Promise<void> => (waiting.shift()?.(), rest());
  return { desk, state, box: box as PaintBox, requests, waiting, drag, drop, finishRun };
}

describe('live mode', () => {
  it('paints in few steps while a box is dragged, one run at a time and always where the box is by then', async () => {
    const { drag, finishRun, waiting, requests, state } = await dragging();
    for (const col of [1, 2, 3, 4]) await drag(col);
    expect(waiting).toHaveLength(1);
    await finishRun();
    expect(waiting).toHaveLength(1);
    await finishRun();
    expect(requests.map(({ tokens }) => tokens!.indexOf(-1))).toEqual([1, 4]);
    expect(requests.every(({ settings }) => settings.steps === 4)).toBe(true);
    expect(new Set(requests.map(({ seed }) => seed)).size).toBe(1);
    expect(state().livePicture).toBeDefined();
    expect(state().staged).toEqual([]);
  });

  it('stages the picture of the last place when the box is let go, and only that', async () => {
    const { drag, drop, finishRun, state, desk, requests } = await dragging();
    await drag(1);
    await drag(3);
    await drop(3);
    await finishRun(); // of the first place: dropped
    expect(state().staged).toEqual([]);
    await finishRun();
    expect(state().staged).toHaveLength(1);
    expect(requests.at(-1)!.tokens!.indexOf(-1)).toBe(3);
    expect(desk.kept.get(state().staged[0]!)!.result.origin).toMatchObject({ boxes: [{ col: 3 }] });
    expect(state().livePicture).toBeUndefined();
  });

  it('stages at once what is painted already, without another run', async () => {
    const { drag, drop, finishRun, state, waiting } = await dragging();
    await drag(2);
    await finishRun();
    await drop(2);
    expect(waiting).toHaveLength(0);
    expect(state().staged).toHaveLength(1);
  });

  it('leaves nothing behind when a drag is cancelled', async () => {
    const { drag, finishRun, state, box } = await dragging();
    await drag(2);
    state().sketch(undefined);
    await finishRun();
    expect([state().livePicture, state().staged]).toEqual([undefined, []]);
    expect(sheetOf(state()).boxes).toEqual([box]);
  });

  it('does nothing when it is off or the machine is too slow, and says why in a sentence', async () => {
    const { drag, waiting, state, desk } = await dragging(190);
    await drag(1);
    expect(waiting).toHaveLength(0);
    expect(liveObstacle(state())).toBe(
      'Too slow for live: a step takes 190 ms on this machine, a picture 1.5 s; live needs 60 ms a step.',
    );
    desk.store.setState({ lastStepMs: 20, live: false });
    await drag(2);
    expect(waiting).toHaveLength(0);
    expect(liveObstacle({ ...state(), lastStepMs: 0 })).toMatch(/once its pace is known/);
  });

  it('paints on a picture that was extended too, in the windows around the box', async () => {
    const { desk } = editingDesk();
    await generate(desk);
    await extendPicture(desk, 'right', 8);
    const box = addBox(desk, { row: 2, col: 9, height: 2, width: 2 })!;
    const before = desk.kept.get(sheetOf(desk.store.getState()).baseId!)!.tokens;
    desk.store.setState({ lastStepMs: 20, live: true });
    end = followLive(desk);
    desk.store.getState().sketch({ ...box, col: 11 });
    await rest();
    expect(desk.store.getState().livePicture).toBeDefined();
    desk.store.getState().sketch(undefined);
    changeBox(desk, box.id, { col: 11 }, 'moving');
    await rest();
    const { staged, grids } = desk.store.getState();
    expect(grids[staged[0]!]).toEqual({ rows: 8, cols: 16 });
    const changed = [...desk.kept.get(staged[0]!)!.tokens.keys()].filter(
      (p) => desk.kept.get(staged[0]!)!.tokens[p] !== before[p],
    );
    expect(changed.every((p) => p % 16 >= 11 && p % 16 < 13 && p >= 32 && p < 64)).toBe(true);
    expect(changed.length).toBeGreaterThan(0);
  });

  it('gives way to a press of Repaint', async () => {
    const { desk, drag, finishRun, state } = await dragging();
    await drag(2);
    const pressed = generate(desk);
    await rest();
    while (state().job.kind !== 'idle') await finishRun();
    await pressed;
    expect(state().livePicture).toBeUndefined();
    expect(state().staged).toHaveLength(1);
  });
});
