import { Failure } from '../core/failure.ts';

/** A file that is read in pieces, wherever it lies: on disk, in memory, behind a URL. */
export interface RangedFile {
  /** What errors call it. */
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * The bytes [offset, offset + length), a copy the caller owns.
   * @throws Failure BadFile when the range leaves the file.
   */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** @throws Failure BadFile, naming the file and the numbers, when the range leaves the file. */
export function checkRange(file: { name: string; sizeBytes: number }, offset: number, length: number): void {
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (whole && offset + length <= file.sizeBytes) return;
  throw new Failure(
    'BadFile',
    `${file.name}: ${length} bytes at offset ${offset} lie beyond the end of the file (${file.sizeBytes} bytes), it may be truncated.`,
  );
}

/** A file that is in memory already. */
export function memoryFile(name: string, bytes: Uint8Array): RangedFile {
  const file = { name, sizeBytes: bytes.byteLength };
  return {
    ...file,
    async read(offset, length) {
      checkRange(file, offset, length);
      // Not slice(): that of a Node Buffer is a view.
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
  };
}
