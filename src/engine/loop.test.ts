import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSettings, type GenerateRequest } from '../core/request.ts';
import { failureOf } from '../gpu/lost.ts';
import { openDevice } from '../gpu/open.ts';
import { nodeGpu } from '../host/node.ts';
import { countedGpu, type Created } from '../testing/countedGpu.ts';
import { serveFiles, toyFiles } from '../testing/toyModel.ts';
import { generateSteps, type StepRecord } from './generate.ts';
import { httpSource } from './httpSource.ts';
import { loadSession, mostOperations } from './load.ts';
import type { Session } from './session.ts';

const stop = new AbortController().signal;
const plain: GenerateRequest = { classId: 2, seed: 3, settings: { ...defaultSettings, steps: 5 } };
const guided: GenerateRequest = { ...plain, settings: { ...plain.settings, guidanceScale: 2 } };
let session: Session;
/** Counted by a proxy that shares no code with the session's own counters. */
let created: Created;

beforeAll(async () => {
  const counted = countedGpu(await nodeGpu());
  ({ created } = counted);
  const opened = await openDevice(counted.gpu);
  const source = httpSource('https://models.example/toy/model.json', {
    fetch: serveFiles(toyFiles()),
    openStore: async () => undefined,
  });
  ({ session } = await loadSession(opened, failureOf(opened.device), source, { stop, ready: false }));
  for (const request of [plain, guided]) await collect(request); // compiled and warm
});
afterAll(() => session.destroy());

async function collect(request: GenerateRequest): Promise<StepRecord[]> {
  const steps: StepRecord[] = [];
  for await (const step of generateSteps(session, request, stop)) steps.push(step);
  return steps;
}

describe('the loop on the device', () => {
  it('is one encoder, one pass and one submit a step, and creates nothing', async () => {
    for (const [request, inFlight] of [
      [plain, 1],
      [guided, 16],
    ] as const) {
      session.stepsInFlight = inFlight;
      const before = new Map(created.calls);
      await collect(request);
      session.stepsInFlight = 1;
      const grown = [...created.calls].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
      const happened = Object.fromEntries(grown.filter(([, count]) => count > 0));
      expect(happened).toEqual({ createCommandEncoder: 5, beginComputePass: 5, submit: 5 });
    }
  });

  it('waits for no readback before it submits the next steps, and for one where a stop must not be far', async () => {
    const { counters } = session.memory;
    const submittedAtFirst = async (inFlight: number): Promise<number> => {
      session.stepsInFlight = inFlight;
      const before = counters.submits;
      const first = await generateSteps(session, plain, stop).next();
      session.stepsInFlight = 1;
      expect(first.done).toBe(false);
      return counters.submits - before;
    };
    expect(await submittedAtFirst(16)).toBe(5); // the first result is read when all steps are under way
    expect(await submittedAtFirst(2)).toBe(2);
    expect(await submittedAtFirst(1)).toBe(1);
  });

  it('stops after the step that comes next, with nothing submitted behind the stop', async () => {
    const { counters } = session.memory;
    const control = new AbortController();
    const before = counters.submits;
    const steps = generateSteps(session, plain, control.signal);
    expect((await steps.next()).done).toBe(false);
    expect((await steps.next()).done).toBe(false);
    control.abort();
    expect(await steps.next()).toMatchObject({ done: true, value: { steps: 2, stopped: true } });
    expect(counters.submits - before).toBe(2);
  });

  it('gives the same bits in several short submits, as a slow GPU gets them', async () => {
    const { counters } = session.memory;
    const whole = await collect(guided);
    const before = { ...counters };
    session.mostOperations = 20_000;
    const parts = await collect(guided);
    session.mostOperations = Infinity;
    expect(parts.map(({ logProb }) => [...logProb])).toEqual(whole.map(({ logProb }) => [...logProb]));
    const { submits, passes, dispatches, buffers, bindGroups, pipelines } = counters;
    expect(submits - before.submits).toBeGreaterThan(3 * parts.length);
    expect(submits - before.submits).toBeLessThan(dispatches - before.dispatches);
    expect(passes - before.passes).toBe(submits - before.submits);
    expect({ buffers, bindGroups, pipelines }).toEqual({
      buffers: before.buffers,
      bindGroups: before.bindGroups,
      pipelines: before.pipelines,
    });
  });
});

describe('how much a submit may hold', () => {
  it('is a whole step where that takes less than a frame, else what a frame has room for', () => {
    expect(mostOperations(1e9, 10, { isFallback: false })).toBe(Infinity);
    expect(mostOperations(1e9, 64, { isFallback: false })).toBe(0.25e9);
  });

  it('is no matter on a software adapter, which has no page to draw', () => {
    expect(mostOperations(1e9, 640, { isFallback: true })).toBe(Infinity);
  });
});
