import { bytes, float, integer, join, message, text, type Field } from './protobuf.ts';

/** Element types by the numbers of onnx.proto's TensorProto.DataType. */
const dataTypes = { float32: 1, int32: 6, int64: 7, float16: 10 } as const;
export type DataType = keyof typeof dataTypes;
/** What floats are stored and computed in. */
export type FloatType = 'float32' | 'float16';

/** Numbers with a point in a list are floats; a name is a string; everything else is an integer. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** Newest operators that the compared runtime knows, and the version of the file format that carries them. */
const OPSET = 21;
const IR_VERSION = 10;
/** Operators of onnxruntime's own, which its optimiser writes for transformers. */
const contributed = 'com.microsoft';

/**
 * Writes an ONNX model (onnx/onnx, onnx.proto), a node at a time; every method gives back the name of what it made.
 * Floats are given in f32 and stored as `floats` says.
 */
export class OnnxModel {
  readonly floats: FloatType;
  readonly #nodes: Field[] = [];
  readonly #initializers = new Map<string, Field>();
  readonly #inputs: Field[] = [];
  readonly #outputs: Field[] = [];
  #made = 0;

  constructor(floats: FloatType) {
    this.floats = floats;
  }

  input(name: string, type: DataType, shape: readonly number[]): string {
    this.#inputs.push(valueInfo(11, name, type, shape));
    return name;
  }

  /** Name `value` as an output, as f32 whatever the model computes in. */
  output(name: string, value: string, shape: readonly number[]): void {
    const to = dataTypes.float32;
    if (this.floats === 'float32') this.#add('Identity', [value], {}, '', name);
    else this.#add('Cast', [value], { to }, '', name);
    this.#outputs.push(valueInfo(12, name, 'float32', shape));
  }

  /** Constant floats. Asking twice for a name gives the first. */
  constant(name: string, shape: readonly number[], values: () => Float32Array): string {
    if (!this.#initializers.has(name)) {
      const stored = this.floats === 'float32' ? values() : Float16Array.from(values());
      this.#initialize(name, this.floats, shape, stored);
    }
    return name;
  }

  integers(values: readonly number[]): string {
    const name = `integers ${values.join()}`;
    if (!this.#initializers.has(name)) {
      this.#initialize(name, 'int64', [values.length], BigInt64Array.from(values, BigInt));
    }
    return name;
  }

  /** Factors of a Resize, which are f32 in every model. */
  scales(values: readonly number[]): string {
    const name = `scales ${values.join()}`;
    if (!this.#initializers.has(name)) this.#initialize(name, 'float32', [values.length], Float32Array.from(values));
    return name;
  }

  /** A node of the standard operators. */
  node(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.#add(operator, inputs, attributes, '');
  }

  /** A node of onnxruntime's own operators. */
  fused(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.#add(operator, inputs, attributes, contributed);
  }

  get nodeCount(): number {
    return this.#nodes.length;
  }

  finish(name: string): Uint8Array<ArrayBuffer> {
    const graph = [...this.#nodes, text(2, name), ...this.#initializers.values(), ...this.#inputs, ...this.#outputs];
    const opset = (domain: string, version: number): Field => message(8, [text(1, domain), integer(2, version)]);
    return join([
      integer(1, IR_VERSION),
      text(2, 'unmask'),
      message(7, graph),
      opset('', OPSET),
      opset(contributed, 1),
    ]);
  }

  #initialize(name: string, type: DataType, shape: readonly number[], values: ArrayBufferView): void {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const dims = shape.map((size) => integer(1, size));
    this.#initializers.set(name, message(5, [...dims, integer(2, dataTypes[type]), text(8, name), bytes(9, raw)]));
  }

  #add(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    domain: string,
    output = `${operator} ${this.#made++}`,
  ): string {
    this.#nodes.push(
      message(1, [
        ...inputs.map((name) => text(1, name)),
        text(2, output),
        text(3, output),
        text(4, operator),
        ...Object.entries(attributes).map(([name, value]) => message(5, [text(1, name), ...attributeFields(value)])),
        text(7, domain),
      ]),
    );
    return output;
  }
}

/** Value and AttributeProto.AttributeType of an attribute. */
function attributeFields(value: Attribute): Field[] {
  if (typeof value === 'string') return [text(4, value), integer(20, 3)];
  if (typeof value === 'number') return [integer(3, value), integer(20, 2)];
  if ('float' in value) return [float(2, value.float), integer(20, 1)];
  return [...value.map((number) => integer(8, number)), integer(20, 7)];
}

function valueInfo(field: number, name: string, type: DataType, shape: readonly number[]): Field {
  const dims = shape.map((size) => message(1, [integer(1, size)]));
  const tensor = message(1, [integer(1, dataTypes[type]), message(2, dims)]);
  return message(field, [text(1, name), message(2, [tensor])]);
}
