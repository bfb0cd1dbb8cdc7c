import { Failure } from '../core/failure.ts';
import { dtypeBytes, elementCount, type Dtype } from './dtypes.ts';
import { flaxTree, type FlaxArray, type FlaxMap, type FlaxNode } from './flaxTree.ts';
import { checkRange, type RangedFile } from './ranged.ts';

/** A tensor of a Flax checkpoint; `parts` are its pieces in order (one, but for arrays of more than a gigabyte). */
export interface FlaxTensor {
  /** Keys from the root, joined by '/': `params/encoder/Conv_0/kernel`. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly sizeBytes: number;
  /** Ranges of the file; a payload is aligned to nothing. */
  readonly parts: readonly { readonly offset: number; readonly sizeBytes: number }[];
}

export interface FlaxCheckpoint {
  /** Of the file. */
  readonly name: string;
  /** In the order of the file. */
  readonly tensors: ReadonlyMap<string, FlaxTensor>;
  /** Little-endian bytes of a tensor in C order, a copy. Failure BadFile when there is no such tensor. */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Open a checkpoint as `flax.serialization.to_bytes` writes it: nested maps whose leaves are arrays (msgpack extension
 * type 1). Payloads are skipped; numbers and texts that are no tensors are left out.
 * @throws Failure BadFile naming file, tensor and numbers.
 */
export async function openFlaxCheckpoint(file: RangedFile): Promise<FlaxCheckpoint> {
  const tensors = new Map<string, FlaxTensor>();
  collect(await flaxTree(file), '', file.name, tensors);
  return {
    name: file.name,
    tensors,
    async read(name) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new Failure('BadFile', `${file.name}: there is no tensor ${name}.`);
      const bytes = new Uint8Array(tensor.sizeBytes);
      let filled = 0;
      for (const { offset, sizeBytes } of tensor.parts) {
        checkRange(file, offset, sizeBytes);
        bytes.set(await file.read(offset, sizeBytes), filled);
        filled += sizeBytes;
      }
      return bytes;
    },
  };
}

function collect(node: FlaxNode, name: string, fileName: string, tensors: Map<string, FlaxTensor>): void {
  if (node.kind === 'scalar') return;
  if (node.kind === 'map' && !node.entries.has('__msgpack_chunked_array__')) {
    for (const [key, child] of node.entries) collect(child, name === '' ? key : `${name}/${key}`, fileName, tensors);
    return;
  }
  if (tensors.has(name)) refuse(fileName, `duplicate tensor ${name}`);
  tensors.set(name, node.kind === 'array' ? whole(name, node) : chunked(name, node, fileName));
}

function whole(name: string, { dtype, shape, offset, sizeBytes }: FlaxArray): FlaxTensor {
  return { name, dtype, shape, sizeBytes, parts: [{ offset, sizeBytes }] };
}

/** Flax stores an array of more than 2^30 bytes as {__msgpack_chunked_array__, shape: {'0': …}, chunks: {'0': …}}. */
function chunked(name: string, node: FlaxMap, fileName: string): FlaxTensor {
  const shape = numbered(node.entries.get('shape')).map((side) => (side.kind === 'scalar' ? side.value : undefined));
  const chunks = numbered(node.entries.get('chunks'));
  if (!shape.every((side) => typeof side === 'number' && Number.isSafeInteger(side) && side >= 0)) {
    return refuse(fileName, `the chunked tensor ${name} has no shape`);
  }
  const arrays = chunks.filter((chunk) => chunk.kind === 'array');
  const dtype = arrays[0]?.dtype;
  if (dtype === undefined || arrays.length !== chunks.length || arrays.some((array) => array.dtype !== dtype)) {
    return refuse(fileName, `the chunks of tensor ${name} are not arrays of one type`);
  }
  const sizeBytes = arrays.reduce((sum, array) => sum + array.sizeBytes, 0);
  const wanted = elementCount(shape as number[]);
  if (wanted * dtypeBytes[dtype] !== sizeBytes) {
    const held = sizeBytes / dtypeBytes[dtype];
    return refuse(
      fileName,
      `the shape [${shape}] of chunked tensor ${name} wants ${wanted} values, its chunks hold ${held}`,
    );
  }
  const parts = arrays.map((array) => ({ offset: array.offset, sizeBytes: array.sizeBytes }));
  return { name, dtype, shape: shape as number[], sizeBytes, parts };
}

/** The children '0', '1', … of a map; empty when it is anything else. */
function numbered(node: FlaxNode | undefined): readonly FlaxNode[] {
  if (node?.kind !== 'map') return [];
  const children = Array.from({ length: node.entries.size }, (_, i) => node.entries.get(String(i)));
  return children.every((child) => child !== undefined) ? children : [];
}

function refuse(fileName: string, cause: string): never {
  throw new Failure('BadFile', `${fileName}: ${cause}; get the file again.`);
}
