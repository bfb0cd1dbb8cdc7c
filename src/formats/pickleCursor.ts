import { quoted, refusePickle } from './pickleValues.ts';
import { decodeUtf8 } from './utf8.ts';

/** Names of modules and numbers in text are short. */
const lineLimitBytes = 1000;
/** Python writes whole numbers of any size; those of a checkpoint fit 64 bits. */
const integerLimitBytes = 255;

/** A pickle that goes on behind the bytes at hand, in a file that has more of them. */
export class PickleGoesOn extends Error {
  readonly wantedBytes: number;
  constructor(wantedBytes: number) {
    super(`the pickle goes on to byte ${wantedBytes}`);
    this.wantedBytes = wantedBytes;
  }
}

/** Reads the operands of a pickle; every length is checked before anything is made from it. */
export class PickleCursor {
  readonly fileName: string;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  /** Where the bytes would end if all of them were at hand. */
  private readonly sizeBytes: number;
  place: number;

  /** `bytes` may be the first part only of `sizeBytes`. */
  constructor(fileName: string, bytes: Uint8Array, start: number, sizeBytes: number) {
    this.fileName = fileName;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.place = start;
    this.sizeBytes = sizeBytes;
  }

  fail(cause: string): never {
    refusePickle(this.fileName, `its pickle is malformed at byte ${this.place}, ${cause}`);
  }

  /** @throws PickleGoesOn, or Failure BadFile when the file has no such bytes. */
  need(length: number): void {
    const end = this.place + length;
    if (end <= this.bytes.byteLength) return;
    if (end <= this.sizeBytes) throw new PickleGoesOn(end);
    this.fail(`truncated: ${length} bytes wanted, beyond the end of the data (${this.sizeBytes} bytes)`);
  }

  take(length: number): Uint8Array {
    this.need(length);
    this.place += length;
    return this.bytes.subarray(this.place - length, this.place);
  }

  u8(): number {
    this.need(1);
    return this.bytes[this.place++]!;
  }

  u16(): number {
    return this.at(2, (offset) => this.view.getUint16(offset, true));
  }

  u32(): number {
    return this.at(4, (offset) => this.view.getUint32(offset, true));
  }

  i32(): number {
    return this.at(4, (offset) => this.view.getInt32(offset, true));
  }

  f64(): number {
    return this.at(8, (offset) => this.view.getFloat64(offset, false));
  }

  /** A length; beyond 2^53 it is rounded, which every file is too short for. */
  u64(): number {
    return this.at(8, (offset) => Number(this.view.getBigUint64(offset, true)));
  }

  utf8(length: number): string {
    const bytes = this.take(length);
    return decodeUtf8(bytes) ?? this.fail('a text is not UTF-8');
  }

  latin1(length: number): string {
    return latin1(this.take(length));
  }

  /** Little-endian two's complement; a number where it is exact. */
  integer(length: number): number | bigint {
    if (length > integerLimitBytes) this.need(length);
    if (length > integerLimitBytes) this.fail(`an integer has a length of ${length} bytes`);
    const bytes = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return exact(BigInt.asIntN(Math.max(8 * length, 1), value));
  }

  /** Text up to the end of the line, without it. */
  line(): string {
    const within = this.bytes.subarray(this.place, this.place + lineLimitBytes + 1);
    const length = within.indexOf(10);
    if (length >= 0) {
      const text = latin1(within.subarray(0, length));
      this.place += length + 1;
      return text;
    }
    this.need(lineLimitBytes + 1);
    return this.fail(`a line is longer than ${lineLimitBytes} bytes`);
  }

  /** A whole number in text, as protocol 0 writes it; a long one ends in L. */
  integerLine(): number | bigint {
    const line = this.line();
    if (!/^-?[0-9]{1,400}L?$/.test(line)) return this.fail(`"${quoted(line, 40)}" is not a whole number`);
    return exact(BigInt(line.replace('L', '')));
  }

  private at(length: number, read: (offset: number) => number): number {
    this.need(length);
    this.place += length;
    return read(this.place - length);
  }
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function latin1(bytes: Uint8Array): string {
  const pieces: string[] = [];
  // In portions that fit the stack as arguments.
  for (let start = 0; start < bytes.length; start += 4096) {
    pieces.push(String.fromCharCode(...bytes.subarray(start, start + 4096)));
  }
  return pieces.join('');
}
