import { memoryFile, type RangedFile } from '../formats/ranged.ts';
import { zipBytes } from './zipBytes.ts';

/** A pickle made of opcodes and lines in Latin-1, single bytes and byte strings. */
export function pickle(...parts: readonly (string | number | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'number') return Buffer.of(part);
      return typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
    }),
  );
}

/** A short text (SHORT_BINUNICODE). */
export function text(value: string): Buffer {
  return pickle(0x8c, Buffer.byteLength(value), Buffer.from(value));
}

/** The persistent id of storage '0', six floats. */
export const storage = pickle('(', text('storage'), 'ctorch\nFloatStorage\n', text('0'), text('cpu'), 'K', 6, 'tQ');
/** A tensor [2, 3] of that storage. */
export const tensor = pickle(
  'ctorch._utils\n_rebuild_tensor_v2\n(',
  storage,
  pickle('K', 0, 'K', 2, 'K', 3, 0x86, 'K', 3, 'K', 1, 0x86, 0x89, 'NtR'),
);

/** A torch zip of this pickle whose storage '0' holds 1 to 6. */
export function torchZip(data: Uint8Array, isDeflated = false): RangedFile {
  const values = new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6]).buffer);
  const parts = [
    { name: 'a/data.pkl', content: data, isDeflated },
    { name: 'a/data/0', content: values, isDeflated },
  ];
  return memoryFile('made.pt', zipBytes(parts));
}
