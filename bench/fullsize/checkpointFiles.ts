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
  await writePieces(path, encode(treeOf(tensors)));
}

/** Write tensors as safetensors. One tensor in memory. */
export async function writeSafetensorsFile(path: string, tensors: readonly TensorToWrite[]): Promise<void> {
  await writePieces(path, safetensors(tensors));
}

async function writePieces(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const bytes of pieces) await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}

function* safetensors(tensors: readonly TensorToWrite[]): Generator<Uint8Array> {
  let end = 0;
  const header = tensors.map(({ name, shape }) => {
    const start = end;
    end += 4 * shape.reduce((a, b) => a * b, 1);
    return [name, { dtype: 'F32', shape, data_offsets: [start, end] }];
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  yield Buffer.concat([length, json]);
  for (const { values } of tensors) yield bytesOf(values());
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
  yield bytesOf(data);
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
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
