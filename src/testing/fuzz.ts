import fc from 'fast-check';
import { expect } from 'vitest';
import { Failure } from '../core/failure.ts';
import { memoryFile, type RangedFile } from '../formats/ranged.ts';

/** 2,000 inputs a format in the test command, more with `npm run fuzz`. */
export const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 2000) };

/** A file that fails the test when a reader asks for what it does not have: sizes claimed must be checked before. */
export function guarded(bytes: Uint8Array, name = 'fuzzed'): RangedFile {
  const file = memoryFile(name, bytes);
  return {
    ...file,
    read(offset, length) {
      if (!(offset >= 0 && offset + length <= bytes.byteLength)) {
        expect.fail(`${length} bytes at ${offset} were asked of a file of ${bytes.byteLength}`);
      }
      return file.read(offset, length);
    },
  };
}

/** The only error a stranger's file may cause. */
export async function allowRefusal(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure) || error.name !== 'BadFile') throw error;
    expect(error.message.length).toBeLessThan(1000);
  }
}

/** A good file with some bytes changed, removed or repeated. */
export function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(bytes.byteLength - 1),
    value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0xc1, 0xdf, 0xc6, 0xc9)),
    kind: fc.constantFrom('set', 'cut', 'insert', 'drop'),
  });
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce((current, { at, value, kind }) => {
      const place = Math.min(at, current.byteLength);
      if (kind === 'cut') return current.slice(0, place);
      const rest = current.subarray(place + (kind === 'insert' ? 0 : 1));
      return Uint8Array.from([...current.subarray(0, place), ...(kind === 'drop' ? [] : [value]), ...rest]);
    }, bytes),
  );
}
