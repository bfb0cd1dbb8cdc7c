import { describe, expect, it } from 'vitest';
import { floatToHalf } from '../formats/half.ts';
import { memoryFile } from '../formats/ranged.ts';
import { tensorOut, writeSafetensors, type TensorOut } from '../formats/writeSafetensors.ts';
import { openWeightFiles, type WeightFiles } from './weights.ts';

function filesOf(...shards: (readonly TensorOut[])[]): Promise<WeightFiles> {
  return openWeightFiles(shards.map((tensors, i) => memoryFile(`shard${i}`, writeSafetensors(tensors))));
}

const half = (name: string, values: readonly number[]): TensorOut => {
  const bytes = new Uint8Array(Uint16Array.from(values, floatToHalf).buffer);
  return { name, dtype: 'F16', shape: [values.length], bytes };
};

describe('weights', () => {
  it('are widened from halves exactly, and from bytes by the scale of their column', async () => {
    const files = await filesOf(
      [half('h', [1.5, -0.25, 65504])],
      [
        tensorOut('q', [2, 3], Int8Array.of(1, 2, 3, -127, 0, 127)),
        tensorOut('q.scale', [3], Float32Array.of(2, 4, 0.5)),
      ],
    );
    files.check(
      new Map([
        ['h', [3]],
        ['q', [2, 3]],
      ]),
    );
    expect([...(await files.read('h')).values]).toEqual([1.5, -0.25, 65504]);
    expect([...(await files.read('q')).values]).toEqual([2, 8, 1.5, -254, 0, 63.5]);
    expect(files.storedBytes('q')).toBe(6 + 12);
  });

  it.each([
    ['without its scale', [tensorOut('q', [2, 3], new Int8Array(6))], /tensor q\.scale is missing/],
    [
      'with a scale of another width',
      [tensorOut('q', [2, 3], new Int8Array(6)), tensorOut('q.scale', [2], new Float32Array(2))],
      /q\.scale has the shape \[2\], not \[3\]/,
    ],
    ['of a type that is no weight', [tensorOut('q', [2, 3], new Int32Array(6))], /tensor q is I32/],
    ['of another shape', [tensorOut('q', [3, 2], new Int8Array(6))], /shape \[3, 2\] where model.json wants \[2, 3\]/],
  ])('%s are refused by name', async (_, tensors, message) => {
    const files = await filesOf(tensors);
    expect(() => files.check(new Map([['q', [2, 3]]]))).toThrow(message);
  });

  it('that are in two shards are refused', async () => {
    const tensor = tensorOut('a', [1], new Float32Array(1));
    await expect(filesOf([tensor], [tensor])).rejects.toThrow('shard1: tensor a is in shard0 as well');
  });

  it('that are infinite are refused with their index', async () => {
    const files = await filesOf([half('h', [1, Infinity])]);
    await expect(files.read('h')).rejects.toMatchObject({ name: 'BadFile' });
    await expect(files.read('h')).rejects.toThrow('shard0: tensor h holds Infinity at index 1');
  });
});
