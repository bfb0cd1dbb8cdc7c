import { open } from 'node:fs/promises';

/** A tensor whose values are made when it is its turn to be written. */
export interface TensorToWrite {
  /** Path in the tree, parts divided by slashes. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: () => Float32Array;
}

type Tree = Map<string, Tree | TensorToWrite>;

/** Write tensors as Flax keeps a checkpoint: nested maps in msgpack, arrays as extension 1. One tensor in memory. */
export async function writeFlaxFile(path: string, tensors: readonly TensorToWrite[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const bytes of encode(treeOf(tensors))) await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}

function treeOf(tensors: readonly TensorToWrite[]): Tree {
  const root: Tree = new Map();
  for (const tensor of tensors) {
    const parts = tensor.name.split('/');
    let node = root;
    for (const part of parts.slice(0, -1)) {
      if (!node.has(part)) node.set(part, new Map());
      node = node.get(part) as Tree;
    }
    node.set(parts.at(-1)!, tensor);
  }
  return root;
}

function* encode(node: Tree | TensorToWrite): Generator<Uint8Array> {
  if (!(node instanceof Map)) return yield* encodeTensor(node);
  yield Buffer.concat([Buffer.of(0xde), uint(2, node.size)]);
  for (const [key, child] of node) {
    yield text(key);
    yield* encode(child);
  }
}

function* encodeTensor({ shape, values }: TensorToWrite): Generator<Uint8Array> {
  const data = values();
  const sides = shape.map((side) => Buffer.concat([Buffer.of(0xce), uint(4, side)]));
  const head = Buffer.concat([
    Buffer.of(0x93, 0x90 | shape.length),
    ...sides,
    text('float32'),
    Buffer.of(0xc6),
    uint(4, data.byteLength),
  ]);
  yield Buffer.concat([Buffer.of(0xc9), uint(4, head.length + data.byteLength), Buffer.of(1), head]);
  yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(0xd9, bytes.length), bytes]);
}

/** Big-endian, as msgpack wants it. */
function uint(size: number, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}
