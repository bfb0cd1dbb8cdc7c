import rngSource from '#shaders/lib/rng.wgsl?raw';
import { describe, expect, it } from 'vitest';
import { CHOICE_LANE, gumbel, randomBits, uniform } from '../core/rng.ts';
import { defineKernel } from '../program/kernel.ts';
import { Recorder } from '../program/program.ts';
import { runOnDevice } from '../testing/agreement.ts';

const lanes = 1024;
const positions = 1024;

/** Draws of every lane and position of one (seed, step): bits, uniform and Gumbel. */
const probe = defineKernel({
  name: 'rngProbe',
  source: `${rngSource}
    struct Params { seed: u32, step: u32, firstLane: u32 }
    @group(0) @binding(0) var<uniform> params: Params;
    @group(0) @binding(1) var<storage, read_write> bits: array<u32>;
    @group(0) @binding(2) var<storage, read_write> uniforms: array<f32>;
    @group(0) @binding(3) var<storage, read_write> gumbels: array<f32>;
    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3u) {
      let i = id.y * ${lanes}u + id.x;
      bits[i] = randomBits(params.seed, params.step, id.y, params.firstLane + id.x);
      uniforms[i] = uniformOpen(bits[i]);
      gumbels[i] = gumbel(params.seed, params.step, id.y, params.firstLane + id.x);
    }`,
  buffers: { bits: 'read_write', uniforms: 'read_write', gumbels: 'read_write' },
  params: { seed: 'u32', step: 'u32', firstLane: 'u32' },
  workgroups: () => [lanes / 64, positions],
});

/** −log(−log u) of given numbers. */
const ends = defineKernel({
  name: 'gumbelEnds',
  source: `${rngSource}
    struct Params { count: u32 }
    @group(0) @binding(0) var<uniform> params: Params;
    @group(0) @binding(1) var<storage, read> u: array<f32>;
    @group(0) @binding(2) var<storage, read_write> y: array<f32>;
    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3u) {
      if (id.x < params.count) { y[id.x] = gumbelOf(u[id.x]); }
    }`,
  buffers: { u: 'read', y: 'read_write' },
  params: { count: 'u32' },
  workgroups: ({ count }) => [Math.ceil(count / 64)],
});

describe('the generator on the device', () => {
  it.each([
    { seed: 0, step: 0, firstLane: 0 },
    { seed: 0xdead_beef, step: 11, firstLane: CHOICE_LANE - lanes + 1 },
  ])('gives the same million bits and uniforms as TypeScript: %j', async ({ seed, step, firstLane }) => {
    const rec = new Recorder();
    const bits = rec.scratch('bits', [positions, lanes], 'u32');
    const [uniforms, gumbels] = ['uniforms', 'gumbels'].map((label) => rec.scratch(label, [positions, lanes]));
    rec.run(probe, { bits, uniforms: uniforms!, gumbels: gumbels! }, { seed, step, firstLane });
    const outputs = [bits, uniforms!, gumbels!].map((tensor) => rec.keep(tensor));
    const [actualBits, actualUniforms, actualGumbels] = await runOnDevice(rec.finish('rng'), new Map(), outputs);
    const expected = Uint32Array.from({ length: positions * lanes }, (_, i) => {
      return randomBits(seed, step, Math.floor(i / lanes), firstLane + (i % lanes));
    });
    expect(Buffer.compare(Buffer.from(actualBits!), Buffer.from(expected.buffer))).toBe(0);
    const expectedUniforms = Float32Array.from(expected, uniform);
    expect(Buffer.compare(Buffer.from(actualUniforms!), Buffer.from(expectedUniforms.buffer))).toBe(0);

    let worst = 0;
    new Float32Array(actualGumbels!).forEach((value, i) => {
      const exact = gumbel(seed, step, Math.floor(i / lanes), firstLane + (i % lanes));
      worst = Math.max(worst, Math.abs(value - exact) / Math.max(1, Math.abs(exact)));
    });
    expect(worst).toBeLessThan(1e-6);
  });

  it('gives finite Gumbel values at both ends of the uniform, where the plain logarithm does not', async () => {
    const nearOne = Array.from({ length: 40 }, (_, i) => 1 - (2 * i + 1) * 2 ** -24);
    const nearZero = Array.from({ length: 40 }, (_, i) => (2 * i + 1) * 2 ** -24);
    const values = Float32Array.from([...nearOne, ...nearZero]);
    const rec = new Recorder();
    const u = rec.state('u', [values.length], 'f32');
    const y = rec.keep(rec.scratch('y', [values.length]));
    rec.run(ends, { u, y }, { count: values.length });
    const [bytes] = await runOnDevice(rec.finish('ends'), new Map([[u, values]]), [y]);
    new Float32Array(bytes!).forEach((value, i) => {
      const exact = -Math.log(-Math.log(values[i]!));
      expect(Math.abs(value - exact)).toBeLessThan(2e-6 * Math.max(1, Math.abs(exact)));
    });
  });
});
