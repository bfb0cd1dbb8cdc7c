import fillSource from '#shaders/bench/fill.wgsl?raw';
import multiplyAddSource from '#shaders/bench/multiplyAdd.wgsl?raw';
import sweepSource from '#shaders/bench/sweep.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import { Recorder, type Program } from '../program/program.ts';

/** Lanes of all sums of a thread of `multiplyAdd`. */
const LANES = 8 * 4;
const GROUP = 64;

function multiplyAddKernel(name: string, prefix: string) {
  return defineKernel({
    name,
    source: prefix + multiplyAddSource,
    buffers: { y: 'read_write' },
    params: { threads: 'u32', rounds: 'u32' },
    constants: ['isFused'],
    workgroups: ({ threads }) => [threads / GROUP],
    operations: ({ threads, rounds }) => threads * rounds * LANES * 2,
  });
}

const multiplyAdds = {
  f32: multiplyAddKernel('multiplyAdd', 'alias Lanes = vec4f;\n'),
  f16: multiplyAddKernel('multiplyAddHalf', 'enable f16;\nalias Lanes = vec4h;\n'),
} as const;

const fill = defineKernel({
  name: 'fill',
  source: fillSource,
  buffers: { x: 'read_write' },
  params: { quads: 'u32', threads: 'u32' },
  workgroups: ({ threads }) => [threads / GROUP],
});

const sweep = defineKernel({
  name: 'sweep',
  source: sweepSource,
  buffers: { x: 'read', y: 'read_write' },
  params: { quads: 'u32', threads: 'u32' },
  workgroups: ({ threads }) => [threads / GROUP],
});

/** Multiply-adds of every thread, `rounds` of each of its sums; operations are counted by `costOf`. */
export function recordMultiplyAdds(
  floats: keyof typeof multiplyAdds,
  size: { readonly threads: number; readonly rounds: number },
  isFused: boolean,
): Program {
  const rec = new Recorder();
  const y = rec.scratch('sums', [size.threads]);
  rec.run(multiplyAdds[floats], { y }, size, { isFused: isFused ? 1 : 0 });
  return rec.finish(`multiply-adds in ${floats}`);
}

/** Two programs over the same memory of `bytes`: writing it, and reading it. */
export function recordSweeps(bytes: number, threads: number): { readonly write: Program; readonly read: Program } {
  const params = { quads: bytes / 16, threads };
  const one = (name: string, use: (rec: Recorder) => void): Program => {
    const rec = new Recorder();
    use(rec);
    return rec.finish(name);
  };
  const swept = (rec: Recorder) => rec.state('swept', [bytes / 4], 'u32');
  return {
    write: one('write', (rec) => rec.run(fill, { x: swept(rec) }, params)),
    read: one('read', (rec) => {
      rec.run(sweep, { x: swept(rec), y: rec.scratch('sums', [threads], 'u32') }, params);
    }),
  };
}
