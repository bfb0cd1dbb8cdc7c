import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf } from './cost.ts';
import { interpret, type Reference } from './interpret.ts';
import { defineKernel, groupsOf, type Kernel } from './kernel.ts';
import { planMemory } from './lifetimes.ts';
import { print } from './print.ts';
import { Recorder, type Program } from './program.ts';
import { prepareWeight } from './recipe.ts';
import { bytesOf, type Tensor } from './tensor.ts';

const source = `
struct Params { n: u32 } // comments are no declarations: @group(0) @binding(9) var<storage, read> ghost: array<f32>;
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
override scale: f32 = 1.0;
@compute @workgroup_size(1) fn main() {}
`;
const declaration = {
  name: 'scaledSum',
  source,
  buffers: { a: 'read', b: 'read', y: 'read_write' },
  params: { n: 'u32' },
  constants: ['scale'],
  workgroups: ({ n }: { n: number }) => [n],
  operations: ({ n }: { n: number }) => 2 * n,
} as const;
const scaledSum = defineKernel(declaration as unknown as Kernel<'a' | 'b' | 'y', 'n', 'scale'>);

const references: Record<string, Reference> = {
  scaledSum: ({ a, b, y }, { n }, { scale }) => {
    for (let i = 0; i < n!; i++) y![i] = scale! * (a![i]! + b![i]!);
  },
};

function sum(rec: Recorder, a: Tensor, b: Tensor, label = 'sum'): Tensor {
  const y = rec.scratch(label, a.shape);
  rec.run(scaledSum, { a, b, y }, { n: a.shape[0]! }, { scale: 2 });
  return y;
}

function recordChain(): { program: Program; last: Tensor } {
  const rec = new Recorder();
  const x = rec.state('x', [4], 'f32');
  let last = sum(rec, x, rec.weight('w', [4]));
  for (let i = 0; i < 5; i++) last = sum(rec, last, x);
  return { program: rec.finish('chain'), last: rec.keep(last) };
}

describe('a kernel declaration', () => {
  it('is refused with both lists when it does not mirror its WGSL', () => {
    const swapped = { ...declaration, buffers: { b: 'read', a: 'read', y: 'read_write' } };
    expect(() => defineKernel(swapped as never)).toThrow(
      /WGSL declares\n.*\n {2}a read\n[\s\S]*but TypeScript\n.*\n {2}b read/,
    );
  });
});

describe('Recorder', () => {
  it('gives the same tensor for the same name and refuses another shape under it', () => {
    const rec = new Recorder();
    expect(rec.weight('w', [2, 3])).toBe(rec.weight('w', [2, 3]));
    expect(() => rec.weight('w', [3, 2])).toThrow('w is weight f32 [2, 3], asked as weight f32 [3, 2]');
  });

  it('refuses one tensor as input and output of a call, by name', () => {
    const rec = new Recorder();
    const x = rec.state('x', [4], 'f32');
    const view = rec.reshape(x, [2, 2]);
    expect(() => rec.run(scaledSum, { a: x, b: x, y: view }, { n: 4 }, { scale: 1 })).toThrow('y and a are both x');
  });

  it('refuses a reshape to another size', () => {
    const rec = new Recorder();
    expect(() => rec.reshape(rec.scratch('h', [4]), [3])).toThrow('h: [4] cannot be reshaped to [3]');
  });

  it('cuts calls whose rows follow a list to its entries, and no others', () => {
    const byRows = { ...scaledSum, rows: 'n' } as const;
    const rec = new Recorder();
    const run = (a: Tensor, y: Tensor): Tensor => {
      rec.run(byRows, { a, b: rec.weight('w', [12]), y }, { n: 12 }, { scale: 1 });
      return y;
    };
    const list = rec.list(rec.state('list', [4], 'i32'));
    const state = rec.state('state', [12], 'f32');
    const follows = run(list, rec.scratch('three rows an entry', [12]));
    run(rec.reshape(follows, [4, 3]), state); // by its input; what outlives the replay is no list
    run(state, rec.scratch('all', [12]));
    sum(rec, follows, rec.scratch('other', [12])); // its kernel does not say what its rows are
    const groups = (entries?: number): number[] => rec.finish('lists').calls.map((call) => groupsOf(call, entries)[0]);
    expect(groups()).toEqual([12, 12, 12, 12]);
    expect(groups(2)).toEqual([6, 6, 12, 12]);
    expect(groups(9)).toEqual([12, 12, 12, 12]);
    expect(groups(0)).toEqual([1, 1, 12, 12]);
  });
});

describe('planMemory', () => {
  it('lets a chain of any length live in two slots', () => {
    const rec = new Recorder();
    const x = rec.state('x', [4], 'f32');
    let h = sum(rec, x, x);
    for (let i = 0; i < 24; i++) h = sum(rec, h, x);
    expect(planMemory(rec.finish('chain')).slotBytes).toEqual([16, 16]);
  });

  it('never gives one slot to two tensors that are alive at once', () => {
    const sizes = fc.array(
      fc.record({ size: fc.integer({ min: 1, max: 64 }), a: fc.nat(), b: fc.nat(), keep: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(sizes, (steps) => {
        const rec = new Recorder();
        const made: Tensor[] = [rec.state('x', [64], 'f32')];
        for (const { size, a, b, keep } of steps) {
          const y = rec.scratch('y', [size]);
          rec.run(scaledSum, { a: made[a % made.length]!, b: made[b % made.length]!, y }, { n: size }, { scale: 1 });
          made.push(keep ? rec.keep(y) : y);
        }
        expectNoOverlap(rec.finish('random'));
      }),
    );
  });
});

/** Walk the calls: whatever is read must still lie in its slot since it was written. */
function expectNoOverlap(program: Program): void {
  const { slotOf, slotBytes } = planMemory(program);
  const holder = new Map<number, number>();
  const check = (storage: number): void => {
    const slot = slotOf.get(storage);
    if (slot !== undefined) expect(holder.get(slot)).toBe(storage);
  };
  for (const { tensors } of program.calls) {
    check(tensors['a']!.storage);
    check(tensors['b']!.storage);
    const y = tensors['y']!;
    const slot = slotOf.get(y.storage)!;
    expect(bytesOf(y)).toBeLessThanOrEqual(slotBytes[slot]!);
    for (const input of [tensors['a']!, tensors['b']!]) expect(slotOf.get(input.storage)).not.toBe(slot);
    holder.set(slot, y.storage);
  }
  for (const storage of program.kept) if (slotOf.has(storage)) check(storage);
}

describe('a recorded program', () => {
  it('can be interpreted by references in doubles', () => {
    const { program, last } = recordChain();
    const inputs = new Map([
      ['x', Float64Array.of(1, 2, 3, 4)],
      ['w', Float64Array.of(1, 1, 1, 1)],
    ]);
    // h ← 2 (h + x), six times from h = w
    const expected = [1, 2, 3, 4].map((x) => {
      let h = 1;
      for (let i = 0; i < 6; i++) h = 2 * (h + x);
      return h;
    });
    expect([...interpret(program, references, inputs).get(last.storage)!]).toEqual(expected);
  });

  it('prints one call a line', () => {
    expect(print(recordChain().program).split('\n').slice(0, 3)).toEqual([
      'program chain: 6 calls',
      'sum#2[4] = scaledSum(x[4], w[4]) {n: 4}',
      'sum#3[4] = scaledSum(sum#2[4], x[4]) {n: 4}',
    ]);
  });

  it('counts operations, bound bytes and planned memory', () => {
    expect(costOf(recordChain().program)).toMatchObject({
      operations: 6 * 8,
      boundBytes: 6 * 48,
      weightBytes: 16,
      scratchBytes: 32,
      unsharedScratchBytes: 96,
    });
  });
});

describe('prepareWeight', () => {
  const a = { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) };
  const b = { shape: [2, 1], values: Float32Array.of(5, 6) };

  it('joins columns', () => {
    expect([...prepareWeight({ kind: 'columns', names: ['a', 'b'] }, [a, b])]).toEqual([1, 2, 5, 3, 4, 6]);
  });

  it('joins vectors as one row', () => {
    const vectors = [Float32Array.of(1, 2), Float32Array.of(3)].map((values) => ({ shape: [values.length], values }));
    expect([...prepareWeight({ kind: 'columns', names: ['a', 'b'] }, vectors)]).toEqual([1, 2, 3]);
  });

  it('transposes the first rows', () => {
    const table = { shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
    expect([...prepareWeight({ kind: 'transposedRows', name: 't', rows: 2 }, [table])]).toEqual([1, 3, 2, 4]);
  });

  it('cuts a part out, as often as it is wanted', () => {
    const table = { shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const part = { kind: 'part', name: 't', firstRow: 1, rows: 2, cols: 1, times: 2 } as const;
    expect([...prepareWeight(part, [table])]).toEqual([3, 5, 3, 5]);
  });
});
