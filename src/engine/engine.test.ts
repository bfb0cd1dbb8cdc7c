import { describe, expect, it } from 'vitest';
import type { BatchStepEvent, Engine, LoadProgress, StepEvent } from '../core/engine.ts';
import { MASK } from '../core/grid.ts';
import { defaultSettings, type GenerateRequest } from '../core/request.ts';
import { nodeGpu } from '../host/node.ts';
import { countedGpu } from '../testing/countedGpu.ts';
import { serveFiles, toyConfig, toyFiles, toyWeights, type ModelFiles } from '../testing/toyModel.ts';
import { createEngine } from './engine.ts';
import { httpSource } from './httpSource.ts';

const url = 'https://models.example/toy/model.json';
const never = new AbortController().signal;
const request: GenerateRequest = { classId: 1, seed: 7, settings: { ...defaultSettings, steps: 6 } };
const guided = { ...request, settings: { ...request.settings, guidanceScale: 1.5 } };

function engineWith(files: ModelFiles, gpu: () => Promise<GPU> = nodeGpu): Engine {
  const surroundings = { fetch: serveFiles(files), openStore: async () => undefined };
  return createEngine({ gpu, sourceOf: (address) => httpSource(address, surroundings) });
}

async function loadedEngine(gpu?: () => Promise<GPU>): Promise<Engine> {
  const engine = engineWith(toyFiles(), gpu);
  await engine.load(url, () => {}, never);
  return engine;
}

/** A run with its events; the arrays are kept as they were told. */
async function run(engine: Engine, asked: GenerateRequest, stopAfter = Infinity) {
  const stop = new AbortController();
  const events: StepEvent[] = [];
  const onStep = (event: StepEvent): void => {
    events.push(event);
    if (events.length === stopAfter) stop.abort();
  };
  return { events, result: await engine.generate(asked, onStep, stop.signal) };
}

describe('the engine', () => {
  it('loads a model and says how far it is, what it costs and that it cannot be kept', async () => {
    const told: LoadProgress[] = [];
    const loaded = await engineWith(toyFiles()).load(url, (progress) => told.push(progress), never);
    const stages = told.map(({ stage }) => stage).filter((stage, i, all) => stage !== all[i - 1]);
    expect(stages).toEqual(['manifest', 'download', 'upload', 'compile', 'warmUp', 'ready']);
    expect(told.at(-1)!.doneBytes).toBe(told.at(-1)!.totalBytes);
    expect(loaded.grid).toEqual({ rows: 4, cols: 4 });
    expect(loaded.weightBytes).toBeGreaterThan(10_000);
    expect(loaded.scratchBytes).toBeGreaterThan(1_000);
    expect(loaded.notKept).toBe('closed');
  });

  it('says how it computes the products of the loaded model, and of none before', async () => {
    const engine = engineWith(toyFiles());
    await expect(engine.tuning('look')).rejects.toMatchObject({ name: 'DeviceLost' });
    await engine.load(url, () => {}, never);
    const { isSoftware, products } = await engine.tuning('complete');
    expect(isSoftware).toBe((await engine.open()).isFallback);
    expect(products.map(({ product }) => product)).toContain('linear 17 × 32 × 96 f32');
    if (isSoftware) expect(new Set(products.map(({ variant }) => variant))).toEqual(new Set(['registers']));
  });

  it('tells every step in order, fixes tokens for good, and ends with none masked', async () => {
    const { events, result } = await run(await loadedEngine(), request);
    expect(events.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    events.forEach(({ tokens, guess, logProb, confidence }, at) => {
      const before = events[at - 1]?.tokens;
      tokens.forEach((token, p) => {
        if (before && before[p] !== MASK) expect(token).toBe(before[p]);
        if (token !== MASK) expect(guess[p]).toBe(token);
        expect(logProb[p]).toBeLessThanOrEqual(1e-3);
        if (before && before[p] !== MASK) expect(confidence[p]).toBe(Infinity);
      });
    });
    expect([...result.tokens]).toEqual([...events.at(-1)!.tokens]);
    expect(result.tokens.includes(MASK)).toBe(false);
    expect(result).toMatchObject({ steps: 6, stopped: false, picture: { width: 16, height: 16 } });
    expect(result.picture.rgba.length).toBe(16 * 16 * 4);
  });

  it('paints the same picture for the same request, and another for another seed', async () => {
    const engine = await loadedEngine();
    const first = await run(engine, guided);
    const again = await run(engine, guided);
    expect([...again.result.tokens]).toEqual([...first.result.tokens]);
    expect([...again.result.picture.rgba]).toEqual([...first.result.picture.rgba]);
    const other = await run(engine, { ...guided, seed: 8 });
    expect([...other.result.tokens]).not.toEqual([...first.result.tokens]);
  });

  it('decodes nothing where tokens are all that is wanted', async () => {
    const { gpu, created } = countedGpu(await nodeGpu());
    const engine = await loadedEngine(async () => gpu);
    const submits = (): number => created.calls.get('submit')!;
    const submitsOf = async (asked: GenerateRequest) => {
      const before = submits();
      const { tokens, picture } = (await run(engine, asked)).result;
      return { tokens: [...tokens], width: picture.width, submits: submits() - before };
    };
    const whole = await submitsOf(request);
    const bare = await submitsOf({ ...request, wantsPicture: false });
    expect(bare).toEqual({ tokens: whole.tokens, width: 0, submits: whole.submits - 1 });
  });

  it('keeps the partial result of a stop, the guess in the place of what was masked', async () => {
    const engine = await loadedEngine();
    const { events, result } = await run(engine, request, 2);
    expect(events).toHaveLength(2);
    expect(result).toMatchObject({ steps: 2, stopped: true });
    expect([...result.tokens]).toEqual([...events[1]!.guess]);
    expect([...(await engine.decode(result.tokens)).rgba]).toEqual([...result.picture.rgba]);
  });

  it.each([1, 3, 5])('resumes a run that was cut after step %i as if it had not been cut', async (cut) => {
    const engine = await loadedEngine();
    const corrected = { ...guided, settings: { ...guided.settings, corrections: 3 } };
    const whole = await run(engine, corrected);
    const { tokens } = whole.events[cut - 1]!;
    const painted = new Uint8Array(16).fill(1);
    const rest = { ...corrected, settings: { ...corrected.settings, startStep: cut }, tokens, painted };
    const resumed = await run(engine, rest);
    expect(resumed.events.map(({ step }) => step)).toEqual(whole.events.slice(cut).map(({ step }) => step));
    expect([...resumed.result.tokens]).toEqual([...whole.result.tokens]);
  });

  it('goes over the picture again in corrector steps, half of it at a time, and says so as steps like the others', async () => {
    const engine = await loadedEngine();
    const plain = await run(engine, guided);
    const settings = { ...guided.settings, corrections: 4 };
    const { events, result } = await run(engine, { ...guided, settings });
    const { length } = plain.events;
    expect(events.map(({ step, steps }) => [step, steps])).toEqual(
      Array.from({ length: length + 4 }, (_, step) => [step, length + 4]),
    );
    expect(events.slice(0, length).map(({ tokens }) => [...tokens])).toEqual(
      plain.events.map(({ tokens }) => [...tokens]),
    );
    for (const { tokens, guess, confidence } of events.slice(length)) {
      expect([...tokens]).toEqual([...guess]);
      expect(tokens.includes(MASK)).toBe(false);
      expect(confidence.filter((value) => value === Infinity)).toHaveLength(8);
    }
    expect(result.steps).toBe(length + 4);
    expect([...result.tokens]).toEqual([...events.at(-1)!.tokens]);
    const stopped = await run(engine, { ...guided, settings }, length + 2);
    expect(stopped.result).toMatchObject({ steps: length + 2, stopped: true });
    expect([...stopped.result.tokens]).toEqual([...events[length + 1]!.tokens]);
  });

  it('never changes known tokens nor draws a banned code', async () => {
    const tokens = Int32Array.from({ length: 16 }, (_, p) => (p < 8 ? p : MASK));
    const bannedCodes = Array.from({ length: 28 }, (_, code) => code);
    const { result } = await run(await loadedEngine(), { ...request, tokens, bannedCodes });
    expect(Array.from(result.tokens.subarray(0, 8))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const code of result.tokens.slice(8)) expect(code).toBeGreaterThanOrEqual(28);
  });

  it('lets the newest run win: the older one rejects as aborted, a waiting one never starts', async () => {
    const engine = await loadedEngine();
    const steps: number[] = [];
    const long = { ...request, settings: { ...request.settings, steps: 16 } };
    const first = engine.generate(long, ({ step }) => steps.push(step), never);
    const second = engine.generate(request, () => expect.unreachable('a waiting run began'), never);
    const third = engine.generate(request, () => {}, never);
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    expect((await third).stopped).toBe(false);
    expect(steps.length).toBeLessThan(16);
  });

  it('refuses what cannot be painted by name, and goes on working', async () => {
    const engine = await loadedEngine();
    await expect(run(engine, { ...request, classId: 3 })).rejects.toMatchObject({ name: 'BadRequest' });
    await expect(engine.decode(new Int32Array(16).fill(32))).rejects.toThrow(
      'tokens[0] is 32; it must be from 0 to 31',
    );
    const small = { width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
    await expect(engine.encode(small)).rejects.toThrow('the picture is 1 × 1 pixels');
    expect((await run(engine, request)).result.steps).toBe(6);
  });

  it('encodes what it decoded to tokens of the grid', async () => {
    const engine = await loadedEngine();
    const picture = await engine.decode(new Int32Array(16).fill(3));
    const tokens = await engine.encode(picture);
    expect(tokens).toHaveLength(16);
    for (const token of tokens) expect(token >= 0 && token < 32).toBe(true);
  });

  it('says of a single token what a step that paints it alone would say', async () => {
    const engine = await loadedEngine();
    const { tokens } = (await run(engine, request)).result;
    const masked = tokens.with(5, MASK);
    const settings = { ...request.settings, steps: 1 };
    const { logProb, guess } = (await run(engine, { ...request, tokens: masked, settings })).events[0]!;
    const top = await engine.topCodes({ tokens, position: 5, classId: request.classId }, 32);
    const at = top.codes.indexOf(guess[5]!);
    expect(top.probabilities[at]).toBeCloseTo(Math.exp(logProb[5]!), 4);
    expect(top.own).toBeCloseTo(top.probabilities[top.codes.indexOf(tokens[5]!)]!, 6);
    expect([...top.probabilities]).toEqual([...top.probabilities].sort((a, b) => b - a));
    const likely = await engine.likelihoods(tokens, request.classId);
    expect(likely).toHaveLength(tokens.length);
    likely.forEach((probability) => expect(probability > 0 && probability <= 1).toBe(true));
    await expect(engine.topCodes({ tokens, position: 16, classId: 1 }, 8)).rejects.toThrow(/position is 16/);
    await expect(engine.likelihoods(tokens.with(0, 9999), 1)).rejects.toThrow(/tokens\[0\] is 9999/);
  });
});

describe('a batch of pictures', () => {
  const { seed: _, ...shared } = guided;
  const batch = { ...shared, pictures: [7, 8, 9, 10, 11, 12].map((seed) => ({ seed })) };

  it('gives each picture as it is alone, and tells of each its own steps in order', async () => {
    const engine = await loadedEngine();
    const events: BatchStepEvent[] = [];
    const results = await engine.generateBatch(batch, (event) => events.push(event), never);
    expect(results).toHaveLength(6);
    for (const [picture, { seed }] of batch.pictures.entries()) {
      const { result, events: own } = await run(engine, { ...guided, seed });
      expect([...results[picture]!.tokens]).toEqual([...result.tokens]);
      expect([...results[picture]!.picture.rgba]).toEqual([...result.picture.rgba]);
      expect(results[picture]).toMatchObject({ steps: 6, stopped: false });
      const told = events.filter((event) => event.picture === picture);
      expect(told.map(({ step, steps, tokens }) => [step, steps, ...tokens])).toEqual(
        own.map(({ step, steps, tokens }) => [step, steps, ...tokens]),
      );
    }
    // Four are painted together, the other two when they are done.
    expect(events.slice(0, 4).map(({ step, picture }) => [step, picture])).toEqual([0, 1, 2, 3].map((p) => [0, p]));
    expect(events.slice(24).every(({ picture }) => picture > 3)).toBe(true);
  });

  it('stops within a step: what is being painted is kept, what was to follow is not begun', async () => {
    const engine = await loadedEngine();
    const stop = new AbortController();
    const guesses = new Map<number, Int32Array>();
    const results = await engine.generateBatch(
      batch,
      ({ picture, step, guess }) => {
        guesses.set(picture, guess);
        if (step === 1) stop.abort();
      },
      stop.signal,
    );
    expect(results).toHaveLength(4);
    results.forEach(({ steps, stopped, tokens }, i) => {
      expect([steps, stopped]).toEqual([2, true]);
      expect([...tokens]).toEqual([...guesses.get(i)!]);
    });
  });

  it('is as large as the engine says, which on a software adapter is one picture', async () => {
    const engine = engineWith(toyFiles());
    const { picturesAtOnce, adapter } = await engine.load(url, () => {}, never);
    if (adapter.isFallback) expect(picturesAtOnce).toBe(1);
    else expect(picturesAtOnce).toBeGreaterThan(1);
  });

  it('gives way to a newer run, and is refused by name where it cannot be painted', async () => {
    const engine = await loadedEngine();
    const first = engine.generateBatch(batch, () => {}, never);
    const second = engine.generate(request, () => {}, never);
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect((await second).stopped).toBe(false);
    const bad = { ...batch, pictures: [{ seed: 1 }, { seed: 0.5 }] };
    await expect(engine.generateBatch(bad, () => {}, never)).rejects.toMatchObject({ name: 'BadRequest' });
  });
});

describe('the memory of the device', () => {
  it('sees nothing created in a second run, whatever was asked', async () => {
    const { gpu, created } = countedGpu(await nodeGpu());
    const engine = await loadedEngine(async () => gpu);
    for (const asked of [request, guided]) await run(engine, asked);
    const perSubmit = ['createCommandEncoder', 'beginComputePass', 'submit'];
    const objects = () => new Map([...created.calls].filter(([name]) => !perSubmit.includes(name)));
    const before = objects();
    for (const asked of [request, guided, { ...request, seed: 9 }]) await run(engine, asked, asked === guided ? 2 : 9);
    expect(before.get('createComputePipelineAsync')).toBeGreaterThan(0);
    expect(objects()).toEqual(before);
  });

  it('is freed when another model is loaded, and when a load fails', async () => {
    const { gpu, created } = countedGpu(await nodeGpu());
    const files = toyFiles();
    const engine = engineWith(files, async () => gpu);
    await engine.load(url, () => {}, never);
    await run(engine, guided);
    await engine.load(url, () => {}, never);
    const once = created.aliveBytes;
    await run(engine, guided);
    await engine.load(url, () => {}, never);
    expect(created.aliveBytes).toBe(once);
    files.delete('toy.safetensors');
    await expect(engine.load(url, () => {}, never)).rejects.toMatchObject({ name: 'Download' });
    expect(created.aliveBytes).toBe(0);
    await expect(engine.generate(request, () => {}, never)).rejects.toMatchObject({ name: 'DeviceLost' });
  });

  it('comes back after the device was lost, with the next load', async () => {
    const { gpu, created } = countedGpu(await nodeGpu());
    const engine = await loadedEngine(async () => gpu);
    const before = await run(engine, request);
    created.devices[0]!.destroy();
    await expect(run(engine, request)).rejects.toMatchObject({ name: 'DeviceLost' });
    await engine.load(url, () => {}, never);
    expect(created.devices).toHaveLength(2);
    expect([...(await run(engine, request)).result.tokens]).toEqual([...before.result.tokens]);
  });
});

describe('bad weights', () => {
  const spoil = (change: (files: ModelFiles) => void): ModelFiles => {
    const files = toyFiles();
    change(files);
    return files;
  };
  const withWeight = (name: string, change: (values: Float32Array) => Float32Array, shape?: readonly number[]) =>
    toyFiles(
      toyConfig,
      toyWeights().map((tensor) => {
        if (tensor.name !== name) return tensor;
        const values = change(new Float32Array(tensor.bytes.slice().buffer));
        return { ...tensor, shape: shape ?? tensor.shape, bytes: new Uint8Array(values.buffer) };
      }),
    );
  const kernel = 'MlmLayer_0/mlm_dense/kernel';
  const cases: [string, () => ModelFiles, RegExp][] = [
    ['truncated', () => spoil((f) => f.set('toy.safetensors', f.get('toy.safetensors')!.slice(0, 999))), /999 bytes/],
    ['of another hash', () => spoil((f) => f.get('toy.safetensors')!.fill(1, 5000, 5001)), /toy\.safetensors.*sha256/],
    ['of another shape', () => withWeight(kernel, (v) => v, [16, 64]), /mlm_dense\/kernel has the shape \[16, 64\]/],
    [
      'not numbers',
      () => withWeight(kernel, (v) => v.fill(NaN, 77, 78)),
      /toy.*mlm_dense\/kernel holds NaN at index 77/,
    ],
    ['missing', () => toyFiles(toyConfig, toyWeights().slice(1)), /word_embeddings\/embedding is missing/],
  ];

  it.each(cases)('that are %s are refused by file, tensor and number, and nothing runs', async (_, files, message) => {
    const { gpu, created } = countedGpu(await nodeGpu());
    const loading = engineWith(files(), async () => gpu).load(url, () => {}, never);
    await expect(loading).rejects.toMatchObject({ name: 'BadFile', message: expect.stringMatching(message) });
    expect(created.calls.get('createCommandEncoder')).toBeUndefined();
    expect(created.aliveBytes).toBe(0);
  });
});
