import { afterEach, describe, expect, it } from 'vitest';
import type { Engine, GenerateResult, StepEvent } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import { defaultSettings } from '../core/request.ts';
import { connect, serve } from './connect.ts';

const request = { classId: 1, seed: 7, settings: defaultSettings };
const never = new AbortController().signal;
const open: MessagePort[] = [];

/** The engine behind a MessageChannel, as if in a worker. */
function across(engine: Partial<Engine>, failure = new Promise<never>(() => {})): Engine {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  serve(engine as Engine, port2);
  return connect(port1, failure);
}

afterEach(() => open.splice(0).forEach((port) => port.close()));

function stepEvent(step: number): StepEvent {
  const tokens = new Int32Array([step, -1]);
  const f32 = (): Float32Array<ArrayBuffer> => new Float32Array(2);
  return { step, steps: 1000, tokens, guess: tokens.slice(), logProb: f32(), confidence: f32(), ms: 1 };
}

function result(steps: number, stopped: boolean): GenerateResult {
  const picture = { width: 1, height: 1, rgba: new Uint8ClampedArray([1, 2, 3, 255]) };
  return { tokens: new Int32Array([4, 5]), picture, steps, stopped, stepMs: 1, decodeMs: 1 };
}

describe('connect', () => {
  it('tells every step, in order, before the result', async () => {
    const engine = across({
      async generate(_, onStep) {
        for (let step = 0; step < 200; step++) onStep(stepEvent(step)); // without an await between
        return result(200, false);
      },
    });
    const seen: number[] = [];
    const made = await engine.generate(request, (event) => seen.push(event.tokens[0]!), never);
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect([...made.picture.rgba]).toEqual([1, 2, 3, 255]);
    expect([...made.tokens]).toEqual([4, 5]);
  });

  it('passes an order on, and brings what it came to', async () => {
    const ms = { registers: 2, '64 × 64': 1 };
    const products = [{ product: 'p', calls: 3, variant: '64 × 64', usual: 'registers', ms }];
    const engine = across({ tuning: async (order) => ({ isSoftware: order === 'forget', products }) });
    expect(await engine.tuning('anew')).toEqual({ isSoftware: false, products });
    expect(await engine.tuning('forget')).toEqual({ isSoftware: true, products });
  });

  it('moves the arrays of steps and results instead of copying them', async () => {
    const event = stepEvent(0);
    const made = result(1, false);
    const engine = across({ generate: async (_, onStep) => (onStep(event), made) });
    await engine.generate(request, () => {}, never);
    expect(event.tokens.buffer.byteLength + event.confidence.buffer.byteLength).toBe(0);
    expect(made.tokens.buffer.byteLength + made.picture.rgba.buffer.byteLength).toBe(0);
  });

  it('tells of every picture of a batch, and moves all of their arrays', async () => {
    const made = [result(2, false), result(2, false)];
    const engine = across({
      async generateBatch({ pictures }, onStep) {
        for (let step = 0; step < 2; step++) pictures.forEach((_, picture) => onStep({ ...stepEvent(step), picture }));
        return made;
      },
    });
    const seen: number[][] = [];
    const { seed: _, ...shared } = request;
    const batch = { ...shared, pictures: [{ seed: 1 }, { seed: 2 }] };
    const results = await engine.generateBatch(batch, ({ step, picture }) => seen.push([step, picture]), never);
    expect(seen).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    expect(results.map(({ tokens, picture }) => [tokens.length, picture.rgba.length])).toEqual([
      [2, 4],
      [2, 4],
    ]);
    expect(made.reduce((sum, { tokens, picture }) => sum + tokens.byteLength + picture.rgba.byteLength, 0)).toBe(0);
  });

  it('stops between two steps when the signal aborts, and brings the partial result', async () => {
    const engine = across({
      async generate(_, onStep, stop) {
        let step = 0;
        for (; step < 1000 && !stop.aborted; step++) {
          onStep(stepEvent(step));
          await new Promise((resolve) => setTimeout(resolve));
        }
        return result(step, step < 1000);
      },
    });
    const stop = new AbortController();
    const made = await engine.generate(request, ({ step }) => step === 2 && stop.abort(), stop.signal);
    expect(made.stopped).toBe(true);
    expect(made.steps).toBeLessThan(20);
  });

  it('knows of a stop that came before the call', async () => {
    const engine = across({
      async load(_url, _onProgress, stop) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        stop.throwIfAborted();
        throw new Error('not reached');
      },
    });
    await expect(engine.load('x', () => {}, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('keeps the name and the sentence of a failure', async () => {
    const engine = across({
      open: async () => Promise.reject(new Failure('NoAdapter', 'There is no adapter.')),
      load: async () => Promise.reject(new Failure('Download', 'a.safetensors did not come.')),
    });
    await expect(engine.open()).rejects.toMatchObject({ name: 'NoAdapter', message: 'There is no adapter.' });
    await expect(engine.load('x', () => {}, never)).rejects.toMatchObject({ name: 'Download' });
  });

  it('rejects every waiting call when the worker dies', async () => {
    let die!: (error: Error) => void;
    const failure = new Promise<never>((_, reject) => (die = reject));
    const engine = across({ open: () => new Promise(() => {}), generate: () => new Promise(() => {}) }, failure);
    const calls = [engine.open(), engine.generate(request, () => {}, never)];
    die(new Failure('Internal', 'The engine stopped.'));
    for (const call of calls) await expect(call).rejects.toMatchObject({ message: 'The engine stopped.' });
    await expect(engine.open()).rejects.toMatchObject({ message: 'The engine stopped.' });
  });

  it('brings what the model thinks of single tokens across', async () => {
    const engine = across({
      topCodes: async ({ tokens, position }, count) => ({
        codes: Int32Array.of(tokens[position]!, count),
        probabilities: Float32Array.of(0.5, 0.25),
        own: 0.5,
      }),
      likelihoods: async (tokens, classId) => Float32Array.from(tokens, (token) => token + classId),
    });
    const top = await engine.topCodes({ tokens: Int32Array.of(4, 5), position: 1, classId: 0 }, 8);
    expect([[...top.codes], [...top.probabilities], top.own]).toEqual([[5, 8], [0.5, 0.25], 0.5]);
    expect([...(await engine.likelihoods(Int32Array.of(1, 2), 3))]).toEqual([4, 5]);
  });

  it('brings pictures and tokens of encode and decode across', async () => {
    const engine = across({
      encode: async ({ width }) => new Int32Array([width]),
      decode: async (tokens) => ({ width: tokens[0]!, height: 1, rgba: new Uint8ClampedArray(4) }),
    });
    const picture = { width: 3, height: 1, rgba: new Uint8ClampedArray(12) };
    expect([...(await engine.encode(picture))]).toEqual([3]);
    expect(picture.rgba.byteLength).toBe(12); // the caller keeps its picture
    expect((await engine.decode(new Int32Array([9]))).width).toBe(9);
  });
});
