import type * as Ort from 'onnxruntime-web';
import { OnnxModel } from '../onnx/model.ts';
import { decoderOnnx, outFirst, transformerOnnx, type OnnxForm } from '../onnx/networks.ts';
import { sequenceIds } from '../networks.ts';
import type { SharedDevice } from '../sharedDevice.ts';
import type { PeerModel } from '../weights.ts';
import {
  channelsFirst,
  channelsLast,
  type DecodeUnit,
  type KernelOperands,
  type KernelShape,
  type Runtime,
  type StepUnit,
  type Unit,
  type Use,
} from './runtime.ts';

export interface OrtOptions {
  readonly name: string;
  readonly ort: typeof Ort;
  readonly provider: 'webgpu' | 'wasm';
  readonly form: OnnxForm;
  readonly layout?: 'NCHW' | 'NHWC';
  /** Record the commands of a run once and replay them. */
  readonly graphCapture?: boolean;
}

/** A network with one input and one output of fixed shapes. */
interface Ports {
  readonly input: { readonly name: string; readonly type: 'int32' | 'float32'; readonly dims: readonly number[] };
  readonly output: { readonly name: string; readonly dims: readonly number[] };
}

type Values = Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

const sizeOf = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** onnxruntime-web, on WebGPU with inputs and outputs that stay on the device, or in WebAssembly. */
export function onnxRuntime(shared: SharedDevice, options: OrtOptions): Runtime {
  const open = (bytes: Uint8Array<ArrayBuffer>, ports: Ports, use: Use = 'same input'): Promise<BoundSession> => {
    if (options.provider === 'wasm') return inWasm(options, bytes, ports);
    const graphCapture = use === 'same input' && (options.graphCapture ?? true);
    return onGpu(shared, { ...options, graphCapture }, bytes, ports);
  };
  const { form } = options;
  return {
    name: options.name,
    notes: () => ({ version: options.ort.env.versions.web, ...form, layout: options.layout, ...wasmNotes(options) }),
    networks: {
      step: async (model, sequences, use) => stepUnit(await openStep(model, sequences, use), model),
      decode: async (model, use) => decodeUnit(await open(decoderOnnx(model, form.floats), decoderPorts(model), use)),
    },
    kernel: (shape, operands) => kernelUnit(open, shape, operands, form),
  };

  function openStep(model: PeerModel, sequences: number, use?: Use): Promise<BoundSession> {
    const { positions, config } = model;
    const ports: Ports = {
      input: { name: 'ids', type: 'int32', dims: [sequences, positions + 1] },
      output: { name: 'logits', dims: [sequences, positions, config.transformer.codebook] },
    };
    return open(transformerOnnx(model, sequences, form), ports, use);
  }
}

function wasmNotes({ provider, ort, graphCapture }: OrtOptions): Record<string, unknown> {
  return provider === 'wasm' ? { threads: ort.env.wasm.numThreads } : { graphCapture: graphCapture ?? false };
}

interface BoundSession extends Unit {
  write(values: Values): void;
}

async function onGpu(
  shared: SharedDevice,
  { ort, layout, graphCapture = true }: OrtOptions,
  bytes: Uint8Array<ArrayBuffer>,
  { input, output }: Ports,
): Promise<BoundSession> {
  const { device } = shared;
  const provider = { name: 'webgpu', ...(layout && { preferredLayout: layout }) } as const;
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    enableGraphCapture: graphCapture,
    preferredOutputLocation: 'gpu-buffer',
  });
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const size = Math.ceil((sizeOf(input.dims) * 4) / 16) * 16;
  const from = device.createBuffer({ size, usage });
  const feeds = { [input.name]: ort.Tensor.fromGpuBuffer(from, { dataType: input.type, dims: input.dims }) };
  let last: Ort.Tensor | undefined;
  return {
    write: (values) => device.queue.writeBuffer(from, 0, values),
    async submit() {
      // A recorded run writes to the same buffer every time; that must not be given back.
      if (!graphCapture) last?.dispose();
      last = (await session.run(feeds))[output.name];
    },
    read: () => readBuffer(device, last!.gpuBuffer as GPUBuffer, sizeOf(output.dims) * 4),
  };
}

async function readBuffer(device: GPUDevice, buffer: GPUBuffer, size: number): Promise<Float32Array> {
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}

async function inWasm({ ort }: OrtOptions, bytes: Uint8Array<ArrayBuffer>, ports: Ports): Promise<BoundSession> {
  const { input, output } = ports;
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  let feeds: Record<string, Ort.Tensor> = {};
  let last = new Float32Array(0);
  return {
    write: (values) => (feeds = { [input.name]: new ort.Tensor(input.type, values as Float32Array, [...input.dims]) }),
    async submit() {
      last = (await session.run(feeds))[output.name]!.data as Float32Array<ArrayBuffer>;
    },
    read: async () => last,
  };
}

function stepUnit(session: BoundSession, model: PeerModel): StepUnit {
  return {
    ...session,
    write: (tokens, classes) => session.write(sequenceIds(tokens, classes, model) as Int32Array<ArrayBuffer>),
  };
}

function decoderPorts({ config: { grid, image } }: PeerModel): Ports {
  return {
    input: { name: 'codes', type: 'int32', dims: [grid.rows, grid.cols] },
    output: { name: 'pixels', dims: [1, 3, image.size, image.size] },
  };
}

function decodeUnit(session: BoundSession): DecodeUnit {
  return {
    ...session,
    write: (codes) => session.write(Int32Array.from(codes)),
    read: async () => channelsLast(await session.read(), 3),
  };
}

async function kernelUnit(
  open: (bytes: Uint8Array<ArrayBuffer>, ports: Ports) => Promise<BoundSession>,
  shape: KernelShape,
  { x, weight }: KernelOperands,
  { floats }: OnnxForm,
): Promise<Unit> {
  const onnx = new OnnxModel(floats);
  if (shape.kind === 'product') {
    const { rows, inWidth, outWidth } = shape;
    const [inDims, outDims] = [[rows, inWidth], [rows, outWidth]]; // prettier-ignore
    const product = onnx.node('MatMul', [inputOf(onnx, inDims), onnx.constant('w', [inWidth, outWidth], () => weight)]);
    onnx.output('y', product, outDims);
    const session = await open(onnx.finish('product'), portsOf(inDims, outDims));
    session.write(x);
    return session;
  }
  const { side, inChannels, outChannels } = shape;
  const [inDims, outDims] = [[1, inChannels, side, side], [1, outChannels, side, side]]; // prettier-ignore
  const kernel = onnx.constant('w', [outChannels, inChannels, 3, 3], () =>
    outFirst(weight, [3, inChannels, outChannels]),
  );
  const y = onnx.node('Conv', [inputOf(onnx, inDims), kernel], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  onnx.output('y', y, outDims);
  const session = await open(onnx.finish('convolution'), portsOf(inDims, outDims));
  session.write(channelsFirst(x, inChannels));
  return { ...session, read: async () => channelsLast(await session.read(), outChannels) };
}

function inputOf(onnx: OnnxModel, dims: readonly number[]): string {
  const x = onnx.input('x', 'float32', dims);
  return onnx.floats === 'float32' ? x : onnx.node('Cast', [x], { to: 10 });
}

function portsOf(inDims: readonly number[], outDims: readonly number[]): Ports {
  return { input: { name: 'x', type: 'float32', dims: inDims }, output: { name: 'y', dims: outDims } };
}
