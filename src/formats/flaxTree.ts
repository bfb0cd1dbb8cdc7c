import { dtypeBytes, elementCount, type Dtype } from './dtypes.ts';
import { MsgpackCursor, type MsgpackItem } from './msgpack.ts';
import type { RangedFile } from './ranged.ts';

/** Deeper than any checkpoint (six levels), shallower than the stack. */
const depthLimit = 32;
/** The official transformer has 1,000 items; an optimizer's state a few thousand. */
const itemLimit = 200_000;
const keyLimitBytes = 1000;
const rankLimit = 16;
const refusedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype', '']);

export interface FlaxArray {
  readonly kind: 'array';
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly sizeBytes: number;
}
export interface FlaxMap {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, FlaxNode>;
}
export type FlaxNode = FlaxArray | FlaxMap | { readonly kind: 'scalar'; readonly value: unknown };

const numpyDtypes: ReadonlyMap<string, Dtype> = new Map([
  ['float64', 'F64'],
  ['float32', 'F32'],
  ['float16', 'F16'],
  ['bfloat16', 'BF16'],
  ['int64', 'I64'],
  ['int32', 'I32'],
  ['int16', 'I16'],
  ['int8', 'I8'],
  ['uint64', 'U64'],
  ['uint32', 'U32'],
  ['uint16', 'U16'],
  ['uint8', 'U8'],
  ['bool', 'BOOL'],
]);

/** The tree of a Flax document with array payloads left in the file; a list becomes a map of '0', '1', …. */
export async function flaxTree(file: RangedFile): Promise<FlaxNode> {
  if (file.sizeBytes === 0) return new MsgpackCursor(file).fail('truncated: the file is empty');
  const walk = new TreeWalk(file);
  const root = await walk.node('', 0);
  walk.end();
  return root;
}

class TreeWalk {
  private readonly cursor: MsgpackCursor;
  private items = 0;
  constructor(file: RangedFile) {
    this.cursor = new MsgpackCursor(file);
  }

  async node(path: string, depth: number): Promise<FlaxNode> {
    const { cursor } = this;
    if (depth > depthLimit) cursor.fail(`nested deeper than the limit of ${depthLimit} levels`);
    if (++this.items > itemLimit) cursor.fail(`more items than the limit of ${itemLimit}`);
    const item = await cursor.next();
    switch (item.kind) {
      case 'scalar':
        return item;
      case 'text':
      case 'binary':
        cursor.skip(item.length);
        return { kind: 'scalar', value: undefined };
      case 'map':
      case 'list':
        return this.children(item, path, depth);
      case 'extension':
        return this.extension(item.type, item.length, path);
    }
  }

  end(): void {
    const trailing = this.cursor.end - this.cursor.offset;
    if (trailing > 0) this.cursor.fail(`${trailing} trailing bytes after the end of the document`);
  }

  private async children(item: MsgpackItem & { count: number }, path: string, depth: number): Promise<FlaxMap> {
    const entries = new Map<string, FlaxNode>();
    for (let i = 0; i < item.count; i++) {
      const key = item.kind === 'map' ? await this.key(path) : String(i);
      if (entries.has(key)) this.cursor.fail(`duplicate key ${key} in ${path || 'the root'}`);
      entries.set(key, await this.node(path === '' ? key : `${path}/${key}`, depth + 1));
    }
    return { kind: 'map', entries };
  }

  private async key(path: string): Promise<string> {
    const item = await this.cursor.next();
    if (item.kind !== 'text') return this.cursor.fail(`a key in ${path || 'the root'} is not a text`);
    if (item.length > keyLimitBytes) return this.cursor.fail(`a key in ${path || 'the root'} has ${item.length} bytes`);
    const key = await this.cursor.text(item.length);
    if (refusedKeys.has(key)) this.cursor.fail(`key "${key}" not allowed in ${path || 'the root'}`);
    return key;
  }

  /** Type 1 is an array, 3 a NumPy scalar in the same form, 2 a complex number, which no model of ours has. */
  private async extension(type: number, length: number, path: string): Promise<FlaxNode> {
    if (type === 1 || type === 3) return this.array(length, path);
    if (type !== 2) this.cursor.fail(`unknown extension type ${type} at ${path || 'the root'}`);
    this.cursor.skip(length);
    return { kind: 'scalar', value: undefined };
  }

  /** The payload [shape, dtype name, bytes] of `length` bytes. */
  private async array(length: number, path: string): Promise<FlaxArray> {
    const { cursor } = this;
    const end = cursor.offset + length;
    const triple = await cursor.next();
    if (triple.kind !== 'list' || triple.count !== 3) cursor.fail(`tensor ${path} is not [shape, dtype, bytes]`);
    const shape = await this.shape(path);
    const dtype = await this.dtype(path);
    const data = await cursor.next();
    if (data.kind !== 'binary') return cursor.fail(`tensor ${path} holds no bytes`);
    const wantedBytes = elementCount(shape) * dtypeBytes[dtype];
    if (wantedBytes !== data.length) {
      cursor.fail(`the shape [${shape}] of tensor ${path} wants ${wantedBytes} bytes, it has ${data.length}`);
    }
    const { offset } = cursor;
    cursor.skip(data.length);
    if (cursor.offset !== end) cursor.fail(`tensor ${path} ends at byte ${cursor.offset}, its length says ${end}`);
    return { kind: 'array', dtype, shape, offset, sizeBytes: data.length };
  }

  private async shape(path: string): Promise<number[]> {
    const list = await this.cursor.next();
    if (list.kind !== 'list' || list.count > rankLimit) {
      return this.cursor.fail(`the shape of tensor ${path} is not a list of at most ${rankLimit} sides`);
    }
    const shape: number[] = [];
    for (let i = 0; i < list.count; i++) {
      const side = await this.cursor.next();
      const isSide = side.kind === 'scalar' && Number.isSafeInteger(side.value) && (side.value as number) >= 0;
      if (!isSide) return this.cursor.fail(`the shape of tensor ${path} has a side that is no whole number`);
      shape.push(side.value as number);
    }
    return shape;
  }

  private async dtype(path: string): Promise<Dtype> {
    const item = await this.cursor.next();
    if (item.kind !== 'text' || item.length > 40) return this.cursor.fail(`tensor ${path} has no dtype`);
    const name = await this.cursor.text(item.length);
    return numpyDtypes.get(name) ?? this.cursor.fail(`tensor ${path} has the unsupported dtype "${name}"`);
  }
}
