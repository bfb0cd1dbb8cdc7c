import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layerNorm } from '../kernels/layerNorm.ts';
import type { Capabilities } from '../program/capabilities.ts';
import { defineKernel } from '../program/kernel.ts';
import { Recorder, type Program } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { testDevice } from '../testing/device.ts';
import { normal } from '../testing/values.ts';
import { failureOf } from './lost.ts';
import { ModelMemory } from './memory.ts';
import { compile } from './plan.ts';
import { profile } from './profile.ts';
import { ReadbackRing } from './readback.ts';

let device: GPUDevice;
let capabilities: Capabilities;
let memory: ModelMemory;

beforeAll(async () => {
  ({ device, capabilities } = await testDevice());
  memory = new ModelMemory(device, capabilities);
});
afterAll(() => memory.destroy());

function recordNorms(layers: number): { program: Program; x: Tensor; y: Tensor } {
  const rec = new Recorder();
  const x = rec.state('x', [3, 8], 'f32');
  const affine = { scale: rec.weight('scale', [8]), bias: rec.weight('bias', [8]) };
  let y = x;
  for (let i = 0; i < layers; i++) y = layerNorm(rec, y, affine, 1e-5);
  return { program: rec.finish(`${layers} norms`), x, y: rec.keep(y) };
}

/** The methods of GPUDevice and queue that were called, by name. */
function watch(target: GPUDevice): { device: GPUDevice; calls: string[] } {
  const calls: string[] = [];
  const wrap = <T extends object>(object: T): T =>
    new Proxy(object, {
      get(host, name) {
        const value: unknown = Reflect.get(host, name, host);
        if (name === 'queue') return wrap(value as object);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          calls.push(String(name));
          return (value as (...args: unknown[]) => unknown).apply(host, args);
        };
      },
    });
  return { device: wrap(target), calls };
}

describe('a plan', () => {
  it('replays in one pass and one submit with nothing created', async () => {
    const watched = watch(device);
    const own = new ModelMemory(watched.device, capabilities);
    const { plan } = await compile(own, { plan: recordNorms(5).program });
    watched.calls.length = 0;
    plan.run();
    plan.run();
    expect(watched.calls).toEqual(['createCommandEncoder', 'submit', 'createCommandEncoder', 'submit']);
    expect(own.counters).toMatchObject({ passes: 2, submits: 2, dispatches: 10, pipelines: 1, bindGroups: 5 });
    own.destroy();
  });

  it('shares weights, states and scratch with the other programs of its model', async () => {
    const [one, two] = [recordNorms(1), recordNorms(2)];
    const own = new ModelMemory(device, capabilities);
    const plans = await compile(own, { one: one.program, two: two.program });
    own.write(one.x, normal([3, 8], 1));
    own.write(
      one.program.tensors.find((t) => t.label === 'scale')!,
      new Float32Array(8).fill(1),
    );
    plans.one.run();
    const once = new Float32Array(await plans.one.read(one.y));
    plans.two.run();
    const twice = new Float32Array(await plans.two.read(two.y));
    // A normalised row is normalised again to itself, but for eps.
    twice.forEach((value, i) => expect(value).toBeCloseTo(once[i]!, 3));
    expect(own.bytes).toEqual({ weights: 64, states: 96, scratch: 192 });
    own.destroy();
  });

  it('still reads its own results after a larger program replaced the shared scratch', async () => {
    const small = recordNorms(1);
    const own = new ModelMemory(device, capabilities);
    const { plan } = await compile(own, { plan: small.program });
    own.write(small.x, normal([3, 8], 1));
    own.write(
      small.program.tensors.find((t) => t.label === 'scale')!,
      new Float32Array(8).fill(1),
    );
    plan.run();
    const before = new Float32Array(await plan.read(small.y));
    const rec = new Recorder();
    const wide = { scale: rec.weight('wide scale', [64]), bias: rec.weight('wide bias', [64]) };
    layerNorm(rec, rec.state('wide', [3, 64], 'f32'), wide, 1e-5);
    await compile(own, { large: rec.finish('large') });
    plan.run();
    expect(new Float32Array(await plan.read(small.y))).toEqual(before);
    expect(before.some((value) => value !== 0)).toBe(true);
    own.destroy();
  });

  it('refuses a buffer over the limit of the adapter with both numbers', async () => {
    const small = new ModelMemory(device, { ...capabilities, maxStorageBufferBindingBytes: 64 });
    await expect(compile(small, { plan: recordNorms(1).program })).rejects.toMatchObject({
      name: 'Limits',
      message: expect.stringMatching(/needs 1 MiB in one piece; this adapter allows 1 MiB/),
    });
  });

  it('names kernel, line and cause when WGSL does not compile', async () => {
    const source = `
struct Params { n: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = zero; }`;
    const broken = defineKernel({
      name: 'broken',
      source,
      buffers: { y: 'read_write' },
      params: { n: 'u32' },
      workgroups: () => [1],
    });
    const rec = new Recorder();
    rec.run(broken, { y: rec.scratch('y', [1]) }, { n: 1 });
    await expect(compile(memory, { plan: rec.finish('broken') })).rejects.toThrow(
      /kernel broken does not compile[\s\S]*5:\d+ .*zero/,
    );
  });
});

describe('ReadbackRing', () => {
  it('brings back every step in order while later steps run', async () => {
    const { program, x, y } = recordNorms(1);
    const own = new ModelMemory(device, capabilities);
    const { plan } = await compile(own, { plan: program });
    own.write(
      program.tensors.find((t) => t.label === 'bias')!,
      new Float32Array(8),
    );
    const ring = new ReadbackRing(plan, [x, y], 3);
    const reads = [1, 2, 3].map((value) => {
      own.write(x, new Float32Array(24).fill(value));
      plan.run((encoder) => ring.copy(encoder));
      return ring.read();
    });
    expect(ring.hasRoom).toBe(false);
    const firsts = (await Promise.all(reads)).map(([bytes]) => new Float32Array(bytes!)[0]);
    expect(firsts).toEqual([1, 2, 3]);
    expect(ring.hasRoom).toBe(true);
    ring.destroy();
    own.destroy();
  });
});

describe('profile', () => {
  it('times every call by name where the device has timestamps', async () => {
    expect(capabilities.timestamps).toBe(true);
    const { plan } = await compile(memory, { plan: recordNorms(3).program });
    const times = await profile(plan);
    expect(times.map(({ kernel }) => kernel)).toEqual(['layerNorm', 'layerNorm', 'layerNorm']);
    for (const { ms } of times) expect(ms).toBeGreaterThanOrEqual(0);
  });
});

describe('failureOf', () => {
  it('rejects with DeviceLost when the device goes away', async () => {
    const adapter = await (await import('../host/node.ts')).nodeGpu().then((gpu) => gpu.requestAdapter());
    const doomed = await adapter!.requestDevice();
    const failure = failureOf(doomed);
    doomed.destroy();
    await expect(failure).rejects.toMatchObject({ name: 'DeviceLost' });
  });
});
