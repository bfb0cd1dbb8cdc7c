import { Failure } from '../core/failure.ts';
import type { RangedFile } from './ranged.ts';
import { decodeUtf8 } from './utf8.ts';

/** Bytes read ahead: large enough for many small items, small enough to skip payloads without reading them. */
const windowBytes = 64 * 1024;

/** What the first byte of a msgpack item announces; the item's content follows at the cursor. */
export type MsgpackItem =
  | { readonly kind: 'scalar'; readonly value: null | boolean | number }
  | { readonly kind: 'text' | 'binary'; readonly length: number }
  | { readonly kind: 'list' | 'map'; readonly count: number }
  | { readonly kind: 'extension'; readonly type: number; readonly length: number };

/** Walks a msgpack document of a ranged file without ever holding more than a window of it. */
export class MsgpackCursor {
  readonly file: RangedFile;
  /** Of the next byte to read. */
  offset = 0;
  /** Where the document ends: items that claim to reach further are refused. */
  readonly end: number;
  private window: Uint8Array = new Uint8Array(0);
  private windowStart = 0;

  constructor(file: RangedFile) {
    this.file = file;
    this.end = file.sizeBytes;
  }

  /** Announce the item at the cursor and step behind its header. Lengths and counts are checked against the file. */
  async next(): Promise<MsgpackItem> {
    const lead = await this.unsigned(1);
    if (lead < 0x80) return { kind: 'scalar', value: lead };
    if (lead >= 0xe0) return { kind: 'scalar', value: lead - 256 };
    if (lead < 0x90) return this.container('map', lead & 15);
    if (lead < 0xa0) return this.container('list', lead & 15);
    if (lead < 0xc0) return this.payload('text', lead & 31);
    return this.longItem(lead);
  }

  /** Text of `length` bytes at the cursor. */
  async text(length: number): Promise<string> {
    const start = this.offset;
    const text = decodeUtf8(await this.take(length));
    return text ?? this.fail(`the text at byte ${start} is not UTF-8`);
  }

  /** Step over `length` bytes without reading them. */
  skip(length: number): void {
    this.offset += length;
  }

  fail(cause: string): never {
    throw new Failure('BadFile', `${this.file.name}: ${cause}; get the file again.`);
  }

  private async longItem(lead: number): Promise<MsgpackItem> {
    const width = 1 << (lead & 3); // most families grow by doubling: 1, 2, 4, 8 bytes
    if (lead === 0xc0) return { kind: 'scalar', value: null };
    if (lead === 0xc1) return this.fail(`the reserved byte 0xc1 at byte ${this.offset - 1}`);
    if (lead <= 0xc3) return { kind: 'scalar', value: lead === 0xc3 };
    if (lead <= 0xc6) return this.payload('binary', await this.unsigned(1 << (lead - 0xc4)));
    if (lead <= 0xc9) return this.extension(await this.unsigned(1 << (lead - 0xc7)));
    if (lead <= 0xcb) return { kind: 'scalar', value: await this.float(lead === 0xca ? 4 : 8) };
    if (lead <= 0xcf) return { kind: 'scalar', value: await this.unsigned(width) };
    if (lead <= 0xd3) return { kind: 'scalar', value: await this.signed(width) };
    if (lead <= 0xd8) return this.extension(1 << (lead - 0xd4));
    if (lead <= 0xdb) return this.payload('text', await this.unsigned(1 << (lead - 0xd9)));
    return this.container(lead <= 0xdd ? 'list' : 'map', await this.unsigned(lead % 2 === 0 ? 2 : 4));
  }

  private container(kind: 'list' | 'map', count: number): MsgpackItem {
    const leastBytes = kind === 'map' ? 2 * count : count;
    if (leastBytes <= this.end - this.offset) return { kind, count };
    return this.fail(`a ${kind} of ${count} items at byte ${this.offset} reaches beyond the end of the file`);
  }

  private payload(kind: 'text' | 'binary', length: number): MsgpackItem {
    this.checkLength(length);
    return { kind, length };
  }

  private async extension(length: number): Promise<MsgpackItem> {
    const type = await this.signed(1);
    this.checkLength(length);
    return { kind: 'extension', type, length };
  }

  private checkLength(length: number): void {
    if (length <= this.end - this.offset) return;
    const left = this.end - this.offset;
    this.fail(`truncated: ${length} bytes wanted at byte ${this.offset}, ${left} left before the end of the file`);
  }

  private async unsigned(width: number): Promise<number> {
    const view = await this.view(width);
    if (width === 8) return Number(view.getBigUint64(0));
    return width === 4 ? view.getUint32(0) : width === 2 ? view.getUint16(0) : view.getUint8(0);
  }

  private async signed(width: number): Promise<number> {
    const view = await this.view(width);
    if (width === 8) return Number(view.getBigInt64(0));
    return width === 4 ? view.getInt32(0) : width === 2 ? view.getInt16(0) : view.getInt8(0);
  }

  private async float(width: number): Promise<number> {
    const view = await this.view(width);
    return width === 4 ? view.getFloat32(0) : view.getFloat64(0);
  }

  private async view(width: number): Promise<DataView> {
    const bytes = await this.take(width);
    return new DataView(bytes.buffer, bytes.byteOffset, width);
  }

  /** The next bytes, to be used at once: they lie in the window. */
  private async take(length: number): Promise<Uint8Array> {
    this.checkLength(length);
    let start = this.offset - this.windowStart;
    if (start < 0 || start + length > this.window.byteLength) {
      const ahead = Math.min(Math.max(length, windowBytes), this.end - this.offset);
      this.window = await this.file.read(this.offset, ahead);
      this.windowStart = this.offset;
      start = 0;
    }
    this.offset += length;
    return this.window.subarray(start, start + length);
  }
}
