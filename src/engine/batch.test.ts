import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchOf, requestOfPicture, type BatchRequest } from '../core/batch.ts';
import { MASK } from '../core/grid.ts';
import { defaultSettings, type SamplerSettings } from '../core/request.ts';
import { failureOf } from '../gpu/lost.ts';
import { openDevice } from '../gpu/open.ts';
import { nodeGpu } from '../host/node.ts';
import type { Capabilities } from '../program/capabilities.ts';
import { countedGpu, type Created } from '../testing/countedGpu.ts';
import { serveFiles, toyConfig, toyFiles } from '../testing/toyModel.ts';
import { normal } from '../testing/values.ts';
import { generateSteps, generateTogether, type RunOutcome, type StepRecord } from './generate.ts';
import { httpSource } from './httpSource.ts';
import { loadSession } from './load.ts';
import type { Session } from './session.ts';

const stop = new AbortController().signal;
/** Counted by a proxy that shares no code with the session's own counters. */
let created: Created;
let session: Session;

/** A session with the kernels for these capabilities; wide enough that products of hardware go through tiles. */
async function load(part: Partial<Capabilities> = {}): Promise<Session> {
  const counted = countedGpu(await nodeGpu());
  ({ created } = counted);
  const opened = await openDevice(counted.gpu);
  const config = { ...toyConfig, transformer: { ...toyConfig.transformer!, width: 64, mlp: 128 } };
  const source = httpSource('https://models.example/toy/model.json', {
    fetch: serveFiles(toyFiles(config)),
    openStore: async () => undefined,
  });
  const target = { ...opened, capabilities: { ...opened.capabilities, ...part } };
  return (await loadSession(target, failureOf(opened.device), source, { stop, ready: false })).session;
}

beforeAll(async () => {
  session = await load();
});
afterAll(() => session.destroy());

const settings = (part: Partial<SamplerSettings> = {}): SamplerSettings => ({ ...defaultSettings, steps: 5, ...part });
const seeds = [{ seed: 0xffff_ffff }, { seed: 0 }, { seed: 1 }];
const plain: BatchRequest = { classId: 2, settings: settings(), pictures: seeds };
const guided: BatchRequest = { ...plain, settings: settings({ guidanceScale: 2, guidanceRamp: 'linear' }) };
/** Every second token known, in each picture as another code. */
const half = (shift: number): Int32Array<ArrayBuffer> =>
  Int32Array.from({ length: 16 }, (_, p) => (p % 2 === 0 ? p + shift : MASK));

const requests: Record<string, BatchRequest> = {
  'one class': plain,
  'guidance that begins in the second step': guided,
  'two boxes of two classes, guided, each picture with known tokens of its own': {
    classId: 0,
    classOfPosition: Int32Array.from({ length: 16 }, (_, p) => (p < 8 ? 1 : 2)),
    settings: settings({ guidanceScale: 1 }),
    pictures: [0, 1, 5].map((shift) => ({ seed: 7, tokens: half(shift) })),
  },
  'Halton order, bans and a later start': {
    classId: 1,
    settings: settings({ order: 'halton', schedule: 'arccos', startStep: 1 }),
    bannedCodes: [1, 2, 3, 5, 8, 13, 21],
    pictures: seeds,
  },
  'noise that is handed in': {
    classId: 1,
    settings: settings({ steps: 3 }),
    pictures: [1, 2].map((seed) => ({
      seed: 0,
      noise: { drawNoise: normal([3, 16, 32], seed), choiceNoise: normal([3, 16], 9 * seed) },
    })),
  },
};

async function together(on: Session, request: BatchRequest) {
  const steps: StepRecord[][] = [];
  const run = generateTogether(on, request, stop);
  for (;;) {
    const { done, value } = await run.next();
    if (done) return { steps, outcomes: value };
    steps.push(value);
  }
}

async function alone(on: Session, request: BatchRequest, picture: number) {
  const steps: StepRecord[] = [];
  const run = generateSteps(on, requestOfPicture(request, picture), stop);
  for (;;) {
    const { done, value } = await run.next();
    if (done) return { steps, outcome: value satisfies RunOutcome };
    steps.push(value);
  }
}

/** Everything of a step but how long it took. */
function told(record: StepRecord): StepRecord {
  return { ...record, ms: 0 };
}

describe('a picture of a batch', () => {
  const kinds = [
    { on: 'this adapter', part: undefined },
    { on: 'a GPU', part: { isFallback: false, subgroups: false } },
    { on: 'a software adapter', part: { isFallback: true } },
  ];
  it.each(kinds)('is bit by bit the one that is painted alone, with the kernels for $on', async ({ part }) => {
    const own = part ? await load(part) : session;
    for (const [name, request] of Object.entries(requests)) {
      const batch = await together(own, request);
      const endings = new Set<string>();
      for (const picture of request.pictures.keys()) {
        const { steps, outcome } = await alone(own, request, picture);
        expect(batch.outcomes[picture], `${name}, picture ${picture}`).toEqual(outcome);
        expect(batch.steps.map((records) => told(records[picture]!))).toEqual(steps.map(told));
        endings.add(outcome.tokens.join());
      }
      expect(endings.size, `${name}: the pictures differ`).toBe(request.pictures.length);
    }
    if (part) await own.destroy();
  });
});

describe('the loop of a batch', () => {
  const since = (before: ReadonlyMap<string, number>): Record<string, number> =>
    Object.fromEntries(
      [...created.calls]
        .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
        .filter(([, n]) => n > 0),
    );

  it('is one encoder, one pass and one submit a step for all pictures, and creates nothing', async () => {
    const own = await load();
    await together(own, guided); // compiled and warm
    for (const inFlight of [1, 16]) {
      own.stepsInFlight = inFlight;
      const before = new Map(created.calls);
      await together(own, guided);
      expect(since(before)).toEqual({ createCommandEncoder: 5, beginComputePass: 5, submit: 5 });
    }
    await own.destroy();
  });

  it.each([true, false])('compiles no text that one picture has not compiled (software: %s)', async (isFallback) => {
    const own = await load({ isFallback });
    await alone(own, guided, 0);
    const before = new Map(created.calls);
    await together(own, guided);
    expect(since(before)['createBindGroup']).toBeGreaterThan(20); // programs of its own
    expect(since(before)['createComputePipelineAsync']).toBeUndefined();
    await own.destroy();
  });

  it('submits no more pictures ahead of their results than a single one would be', async () => {
    const { counters } = session.memory;
    session.stepsInFlight = 7;
    const before = counters.submits;
    const run = generateTogether(session, plain, stop);
    await run.next();
    session.stepsInFlight = 1;
    expect(counters.submits - before).toBe(2); // of three pictures each
    await run.return([]);
  });

  it('stops after the step that comes next, with what every picture has by then', async () => {
    const control = new AbortController();
    const { counters } = session.memory;
    const before = counters.submits;
    const run = generateTogether(session, plain, control.signal);
    await run.next();
    const { value } = await run.next();
    control.abort();
    const records = value as StepRecord[];
    const partial = records.map(({ guess }) => ({ tokens: guess, steps: 2, stopped: true }));
    expect(await run.next()).toEqual({ done: true, value: partial });
    expect(counters.submits - before).toBe(2);
  });

  it('is not begun after a stop', async () => {
    await expect(generateTogether(session, plain, AbortSignal.abort()).next()).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('a batch that does not go together', () => {
  const cases: [string, BatchRequest, string][] = [
    ['no picture', { ...plain, pictures: [] }, 'pictures is empty; ask for at least one'],
    [
      'other masks',
      { ...plain, pictures: [{ seed: 1 }, { seed: 2, tokens: half(0) }] },
      'pictures[1].tokens masks other positions than the first; mask the same in all',
    ],
    ['noise for one of them', withOneNoise(), 'pictures[1] differs from the first in having noise'],
    ['a seed out of range', { ...plain, pictures: [{ seed: 1 }, { seed: -1 }] }, 'seed is -1'],
  ];
  it.each(cases)('is refused by name: %s', async (_, request, words) => {
    await expect(generateTogether(session, request, stop).next()).rejects.toThrow(words);
  });
});

function withOneNoise(): BatchRequest {
  const noise = { drawNoise: normal([5, 16, 32], 1), choiceNoise: normal([5, 16], 2) };
  const request = { classId: 1, seed: 3, settings: settings() };
  return batchOf([{ ...request, noise }, request]);
}
