import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TuningOrder, TuningReport } from '../../core/tuning.ts';
import { fakeDesk } from '../testing/fakeDesk.ts';
import { measureAtRest, orderTuning } from './tuning.ts';

const report: TuningReport = { isSoftware: false, products: [] };
const model = { weightBytes: 1, scratchBytes: 1, loadMs: 1, picturesAtOnce: 1 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched(tuning = async (): Promise<TuningReport> => report) {
  const orders: TuningOrder[] = [];
  const { desk } = fakeDesk({ engine: { tuning: (order) => (orders.push(order), tuning()) } });
  const stop = measureAtRest(desk, 1000);
  return { desk, orders, stop, store: desk.store.getState() };
}

describe('the device is measured', () => {
  it('when a model is ready and nothing was asked for a while, once a model', async () => {
    const { desk, orders, store } = watched();
    await vi.advanceTimersByTimeAsync(5000);
    expect(orders).toEqual([]);
    store.setMachine({ kind: 'ready', model });
    await vi.advanceTimersByTimeAsync(900);
    expect(orders).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(orders).toEqual(['complete']);
    expect(desk.store.getState()).toMatchObject({ tuning: report, isMeasuring: false });
    store.announce('something');
    await vi.advanceTimersByTimeAsync(5000);
    expect(orders).toHaveLength(1);
    store.setMachine({ kind: 'ready', model: { ...model } });
    await vi.advanceTimersByTimeAsync(1100);
    expect(orders).toHaveLength(2);
  });

  it('never before the picture that is asked for, nor while it is painted', async () => {
    const { orders, store } = watched();
    store.wait(1);
    store.setMachine({ kind: 'ready', model });
    store.begin(1, 1, 1, 8);
    await vi.advanceTimersByTimeAsync(9000);
    expect(orders).toEqual([]);
    store.end(1);
    await vi.advanceTimersByTimeAsync(500);
    store.begin(2, 1, 1, 8);
    await vi.advanceTimersByTimeAsync(900);
    expect(orders, 'a rest that was broken begins anew').toEqual([]);
    store.end(2);
    await vi.advanceTimersByTimeAsync(1100);
    expect(orders).toEqual(['complete']);
  });

  it('without a word where it fails by itself, and with one where it was asked for', async () => {
    const { desk, store } = watched(() => Promise.reject(new Error('no')));
    store.setMachine({ kind: 'ready', model });
    await vi.advanceTimersByTimeAsync(1100);
    expect(desk.store.getState()).toMatchObject({ problem: undefined, isMeasuring: false });
    await orderTuning(desk, 'anew');
    expect(desk.store.getState().problem?.message).toBe('no');
    expect(desk.store.getState().isMeasuring).toBe(false);
  });
});
