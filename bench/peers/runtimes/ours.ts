import { generateSteps } from '../../../src/engine/generate.ts';
import { httpSource } from '../../../src/engine/httpSource.ts';
import { loadSession } from '../../../src/engine/load.ts';
import type { Session } from '../../../src/engine/session.ts';
import { ModelMemory } from '../../../src/gpu/memory.ts';
import { openDevice, type OpenDevice } from '../../../src/gpu/open.ts';
import { compile, type Plan } from '../../../src/gpu/plan.ts';
import { conv2d, convWeights } from '../../../src/kernels/conv2d.ts';
import { linear } from '../../../src/kernels/linear.ts';
import { decoder } from '../../../src/models/vqgan.ts';
import { transformer } from '../../../src/models/transformer.ts';
import { Recorder, type Program } from '../../../src/program/program.ts';
import { ingredientsOf, prepareWeight } from '../../../src/program/recipe.ts';
import type { Tensor } from '../../../src/program/tensor.ts';
import type { SharedDevice } from '../sharedDevice.ts';
import type { PeerModel } from '../weights.ts';
import type { DecodeUnit, KernelOperands, KernelShape, Painted, Runtime, StepUnit, Unit } from './runtime.ts';

const neverStop = { aborted: false, throwIfAborted: (): void => {} };

/** This repository's engine, as the page's worker runs it. @param modelUrl the address of model.json */
export async function ours(shared: SharedDevice, modelUrl: string): Promise<Runtime> {
  const opened = await openDevice(shared.gpu);
  const memory = new ModelMemory(opened.device, opened.capabilities);
  const never = new Promise<never>(() => {});
  const source = httpSource(modelUrl, { fetch: (...args) => fetch(...args), openStore: async () => undefined });
  return {
    name: 'Unmask',
    notes: () => ({ capabilities: opened.capabilities }),
    networks: {
      step: (model, sequences) => stepUnit(opened, memory, model, sequences),
      decode: (model) => decodeUnit(opened, memory, model),
      async paint() {
        const { session } = await loadSession(opened, never, source, { stop: neverStop, ready: true });
        return (seed, classId) => paint(session, seed, classId);
      },
    },
    kernel: (shape, operands) => kernelUnit(opened, shape, operands),
  };
}

async function paint(session: Session, seed: number, classId: number): Promise<Painted> {
  const steps = generateSteps(session, { classId, seed, settings: session.manifest.sampler }, neverStop);
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return { tokens: value.tokens, pixels: await session.decode(value.tokens) };
  }
}

function unitOf(plan: Plan, output: Tensor): Unit {
  return {
    submit: async () => plan.run(),
    read: async () => new Float32Array(await plan.read(output)),
  };
}

async function stepUnit(
  opened: OpenDevice,
  memory: ModelMemory,
  model: PeerModel,
  sequences: number,
): Promise<StepUnit> {
  const { config, positions } = model;
  const rec = new Recorder(opened.capabilities);
  const tokens = rec.state('tokens', [positions], 'i32');
  const classes = rec.state(`classes of ${sequences}`, [sequences], 'i32');
  const batch = { sequences, grid: config.grid };
  const logits = rec.keep(transformer(rec, { tokens, classes }, config.transformer, batch));
  const plan = await ready(memory, rec.finish(`transformer of ${sequences}`), model);
  return {
    ...unitOf(plan, logits),
    write(values, ids) {
      memory.write(tokens, Int32Array.from(values));
      memory.write(classes, Int32Array.from(ids));
    },
  };
}

async function decodeUnit(opened: OpenDevice, memory: ModelMemory, model: PeerModel): Promise<DecodeUnit> {
  const { grid, tokenizer } = model.config;
  const rec = new Recorder(opened.capabilities);
  const codes = rec.state('codes', [grid.rows, grid.cols], 'i32');
  const pixels = rec.keep(decoder(rec, codes, tokenizer));
  const plan = await ready(memory, rec.finish('decoder'), model);
  return { ...unitOf(plan, pixels), write: (values) => memory.write(codes, Int32Array.from(values)) };
}

/** Compile a program and write its weights, made by its own recipes. */
async function ready(memory: ModelMemory, program: Program, model: Pick<PeerModel, 'weight'>): Promise<Plan> {
  const { plan } = await compile(memory, { plan: program });
  for (const tensor of program.tensors) {
    const recipe = program.recipes.get(tensor.label);
    if (tensor.role !== 'weight' || recipe === undefined) continue;
    const values = prepareWeight(recipe, ingredientsOf(recipe).map(model.weight));
    memory.write(tensor, values as Float32Array<ArrayBuffer>);
  }
  return plan;
}

async function kernelUnit(opened: OpenDevice, shape: KernelShape, { x, weight }: KernelOperands): Promise<Unit> {
  const rec = new Recorder(opened.capabilities);
  const memory = new ModelMemory(opened.device, opened.capabilities);
  const { input, output, weightShape } = recordKernel(rec, shape);
  const stored = { shape: weightShape, values: weight };
  const plan = await ready(memory, rec.finish(shape.kind), { weight: () => stored });
  memory.write(input, x);
  return unitOf(plan, output);
}

function recordKernel(rec: Recorder, shape: KernelShape): { input: Tensor; output: Tensor; weightShape: number[] } {
  if (shape.kind === 'product') {
    const { rows, inWidth, outWidth } = shape;
    const input = rec.state('x', [rows, inWidth], 'f32');
    const weightShape = [inWidth, outWidth];
    const output = rec.keep(linear(rec, input, { weight: rec.weight('weight', weightShape) }));
    return { input, output, weightShape };
  }
  const { side, inChannels, outChannels } = shape;
  const input = rec.state('x', [side, side, inChannels], 'f32');
  const weights = convWeights(rec, 'weight', { size: 3, inChannels, outChannels, hasBias: false });
  return { input, output: rec.keep(conv2d(rec, input, weights)), weightShape: [3, 3, inChannels, outChannels] };
}
