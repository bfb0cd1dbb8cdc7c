import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../core/failure.ts';
import { dtypeBytes, toF32, toI32 } from './dtypes.ts';
import { memoryFile } from './ranged.ts';
import { openSafetensors } from './safetensors.ts';
import { tensorOut, writeSafetensors } from './writeSafetensors.ts';

describe('safetensors', () => {
  it('reads back what it wrote, whatever the names, shapes and order', async () => {
    const tensor = fc.record({
      name: fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }).filter(isFreeName),
      values: fc.oneof(
        fc.float32Array({ maxLength: 20 }),
        fc.int32Array({ maxLength: 20 }),
        fc.uint8Array({ maxLength: 20 }),
        fc.int8Array({ maxLength: 20 }),
      ),
    });
    const tensors = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(tensors, async (list) => {
        const bytes = writeSafetensors(list.map(({ name, values }) => tensorOut(name, [values.length], values)));
        const file = await openSafetensors(memoryFile('mine', bytes));
        expect(new Set(file.entries.keys())).toEqual(new Set(list.map(({ name }) => name)));
        for (const { name, values } of list) {
          const source = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
          expect(await file.read(name)).toEqual(new Uint8Array(source));
          expect(file.entries.get(name)!.offset % values.BYTES_PER_ELEMENT).toBe(0);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives numbers of every type as f32', async () => {
    const view = new DataView(new ArrayBuffer(8));
    const cases = [
      ['F64', -1.5, () => view.setFloat64(0, -1.5, true)],
      ['F16', -1.5, () => view.setUint16(0, 0xbe00, true)],
      ['BF16', -1.5, () => view.setUint16(0, 0xbfc0, true)],
      ['F8_E5M2', -1.5, () => view.setUint8(0, 0xbe)],
      ['F8_E4M3', -1.5, () => view.setUint8(0, 0xbc)],
      ['I64', -3, () => view.setBigInt64(0, -3n, true)],
      ['U64', 3, () => view.setBigUint64(0, 3n, true)],
      ['I16', -3, () => view.setInt16(0, -3, true)],
      ['U16', 65_535, () => view.setUint16(0, 65_535, true)],
      ['U32', 4_294_967_296, () => view.setUint32(0, 4_294_967_295, true)],
      ['I8', -128, () => view.setInt8(0, -128)],
      ['BOOL', 1, () => view.setInt8(0, 1)],
    ] as const;
    for (const [dtype, value, set] of cases) {
      set();
      expect([dtype, ...toF32(new Uint8Array(view.buffer, 0, dtypeBytes[dtype]), dtype)]).toEqual([dtype, value]);
    }
    expect([...toI32(new Uint8Array([255, 255, 255, 255, 2, 0, 0, 0]))]).toEqual([-1, 2]);
  });

  it('names the tensor that a file does not have', async () => {
    const file = await openSafetensors(memoryFile('few.safetensors', writeSafetensors([])));
    await expect(file.read('w')).rejects.toThrow('few.safetensors: there is no tensor w');
    await expect(file.read('w')).rejects.toBeInstanceOf(Failure);
  });

  it('refuses to write a shape that its bytes do not fill, and one name twice', () => {
    expect(() => writeSafetensors([tensorOut('w', [3], new Float32Array(2))])).toThrow(/w: shape \[3\]/);
    const w = tensorOut('w', [1], new Float32Array(1));
    expect(() => writeSafetensors([w, w])).toThrow(/share a name/);
  });
});

/** Names the format reserves or our reader refuses; lone surrogates cannot be written as UTF-8. */
function isFreeName(name: string): boolean {
  return !['__metadata__', '__proto__', 'constructor', 'prototype'].includes(name) && !/\p{Surrogate}/u.test(name);
}
