import type * as Ort from 'onnxruntime-web';
import { NULL_CLASS } from '../../src/core/guidance.ts';
import { MASK } from '../../src/core/grid.ts';
import { compareKernel, compareLogits, comparePixels, type Agreement, type Precision } from './agreement.ts';
import { hashed, kernelShapes, operandsOf } from './operands.ts';
import { fetchModel, type PeerModel } from './weights.ts';
import { painter } from './paint.ts';
import { compete, type Timing } from './rounds.ts';
import { bestOrt } from './bestForm.ts';
import { jaxJs } from './runtimes/jax.ts';
import { onnxRuntime } from './runtimes/onnxRuntime.ts';
import { ours } from './runtimes/ours.ts';
import type { KernelShape, Painted, Runtime, Unit } from './runtimes/runtime.ts';
import { tfjs } from './runtimes/tfjs.ts';
import { openSharedDevice, type SharedDevice } from './sharedDevice.ts';

export interface PeerOptions {
  /** Id under public/models. */
  readonly model: string;
  readonly rounds: number;
  /** Whole pictures take long on software adapters: fewer rounds of those. */
  readonly pictureRounds: number;
  /** Whether onnxruntime's forms are tried out first; a software adapter takes minutes for that. */
  readonly triesForms: boolean;
  /** Only tasks with this in their name. */
  readonly only?: string;
  /** Only runtimes with this in their name, the judge and ours beside them. */
  readonly runtime?: string;
}

/** One runtime at one task. */
export interface PeerRow extends Timing {
  readonly task: string;
  readonly runtime: string;
  readonly agreement: Agreement;
  /** This runtime's median over ours. */
  readonly ratio: number;
}

export interface PeerReport {
  readonly model: string;
  readonly adapter: Readonly<Record<string, unknown>>;
  readonly browser: string;
  readonly isolated: boolean;
  readonly features: readonly string[];
  readonly runtimes: Readonly<Record<string, unknown>>;
  readonly rows: readonly PeerRow[];
  readonly refused: readonly { readonly task: string; readonly runtime: string; readonly why: string }[];
  /** Buffers alive on the shared device when all was done, by runtime. */
  readonly aliveBytes: Readonly<Record<string, number>>;
}

type Say = (line: string) => void;
/** What a task compares: the outputs of a runtime with those of the judge. */
type Compare = (values: Float32Array, truth: Float32Array, precision: Precision) => Agreement;

interface Bench {
  readonly shared: SharedDevice;
  readonly runtimes: readonly Runtime[];
  readonly say: Say;
  readonly only: string;
  readonly rows: PeerRow[];
  readonly refused: { task: string; runtime: string; why: string }[];
}

const JUDGE = 'onnxruntime-web WebAssembly';
const OURS = 'Unmask';

/** Measure every runtime at every task, in turns, on one device. */
export async function measurePeers(options: PeerOptions, say: Say): Promise<PeerReport> {
  const shared = await openSharedDevice();
  const modelUrl = new URL(`/models/${options.model}/model.json`, location.href).href;
  const model = await fetchModel(modelUrl);
  const all = await openRuntimes(shared, modelUrl, model, { triesForms: options.triesForms, say });
  const runtimes = all.filter(({ name }) => [OURS, JUDGE].includes(name) || name.includes(options.runtime ?? ''));
  const bench: Bench = { shared, runtimes, say, only: options.only ?? '', rows: [], refused: [] };
  for (const shape of kernelShapes) await kernelTask(bench, shape, options.rounds);
  await stepTask(bench, model, 1, options.rounds);
  if (model.config.transformer.nullClass) await stepTask(bench, model, 2, options.rounds);
  await decodeTask(bench, model, options.rounds);
  await pictureTask(bench, model, options.pictureRounds);
  const { info } = shared.adapter;
  const { vendor, architecture, description, isFallbackAdapter, subgroupMinSize, subgroupMaxSize } = info;
  return {
    model: options.model,
    adapter: { vendor, architecture, description, isFallbackAdapter, subgroupMinSize, subgroupMaxSize },
    browser: navigator.userAgent,
    isolated: crossOriginIsolated,
    features: [...shared.device.features].toSorted(),
    runtimes: Object.fromEntries(runtimes.map(({ name, notes }) => [name, notes()])),
    rows: bench.rows,
    refused: bench.refused,
    aliveBytes: Object.fromEntries(runtimes.map(({ name }) => [name, shared.aliveBytes(name)])),
  };
}

async function openRuntimes(
  shared: SharedDevice,
  modelUrl: string,
  model: PeerModel,
  forms: Parameters<typeof bestOrt>[3],
): Promise<Runtime[]> {
  const [gpuOrt, wasmOrt] = (await Promise.all(
    ['ort.webgpu.min.mjs', 'ort.wasm.min.mjs'].map((file) => import(/* @vite-ignore */ `/ort/${file}`)),
  )) as [typeof Ort, typeof Ort];
  for (const { env } of [gpuOrt, wasmOrt]) {
    env.wasm.wasmPaths = '/ort/';
    env.wasm.numThreads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  }
  gpuOrt.env.webgpu.device = shared.device;
  const form = { floats: 'float32', attention: 'Attention' } as const;
  const judge = onnxRuntime(shared, { name: JUDGE, ort: wasmOrt, provider: 'wasm', form });
  const own = await shared.as(OURS, () => ours(shared, modelUrl));
  const others = [await shared.as('tfjs WebGPU', () => tfjs(shared)), await shared.as('jax-js WebGPU', jaxJs)];
  return [own, ...(await bestOrt(shared, gpuOrt, model, forms)), ...others, judge].map(keepNetworks);
}

/** The same runtime, whose networks are made once and are warm in later tasks. */
function keepNetworks(runtime: Runtime): Runtime {
  const { networks } = runtime;
  if (networks === undefined) return runtime;
  const kept = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, make: () => Promise<T>): Promise<T> => {
    if (!kept.has(key)) kept.set(key, make());
    return kept.get(key) as Promise<T>;
  };
  return {
    ...runtime,
    networks: {
      ...networks,
      step: (model, sequences, use) => once(`step ${sequences} ${use}`, () => networks.step(model, sequences, use)),
      decode: (model, use) => once(`decode ${use}`, () => networks.decode(model, use)),
    },
  };
}

async function kernelTask(bench: Bench, shape: KernelShape, rounds: number): Promise<void> {
  const isProduct = shape.kind === 'product';
  const task = isProduct
    ? `product ${shape.rows} × ${shape.inWidth} × ${shape.outWidth}`
    : `conv 3 × 3, ${shape.inChannels} → ${shape.outChannels} at ${shape.side}²`;
  const operands = operandsOf(shape);
  await runTask(bench, { task, rounds, compare: compareKernel, open: (runtime) => runtime.kernel(shape, operands) });
}

async function stepTask(bench: Bench, model: PeerModel, sequences: number, rounds: number): Promise<void> {
  const { transformer } = model.config;
  const tokens = Int32Array.from(hashed(model.positions, 3), (value, p) =>
    p % 3 === 0 ? Math.floor(Math.abs(value) * transformer.codebook) : MASK,
  );
  const classes = sequences === 1 ? [1] : [1, NULL_CLASS];
  await runTask(bench, {
    task: `transformer step, ${sequences === 1 ? 'one sequence' : 'two sequences (guided)'}`,
    rounds,
    compare: (values, truth, precision) => compareLogits(values, truth, transformer.codebook, precision),
    async open({ networks }) {
      const unit = await networks?.step(model, sequences);
      unit?.write(tokens, classes);
      return unit;
    },
  });
}

async function decodeTask(bench: Bench, model: PeerModel, rounds: number): Promise<void> {
  const { codebook } = model.config.tokenizer;
  const codes = Int32Array.from(hashed(model.positions, 4), (value) => Math.floor(Math.abs(value) * codebook));
  await runTask(bench, {
    task: 'decoder',
    rounds,
    compare: comparePixels,
    async open({ networks }) {
      const unit = await networks?.decode(model);
      unit?.write(codes);
      return unit;
    },
  });
}

/** From a seed to pixels on the CPU. */
async function pictureTask(bench: Bench, model: PeerModel, rounds: number): Promise<void> {
  await runTask(bench, {
    task: `picture in ${model.manifest.sampler.steps} steps`,
    rounds,
    isWarm: true,
    compare: comparePixels,
    async open(runtime) {
      if (runtime.networks === undefined) return undefined;
      const paint = await (runtime.networks.paint?.(model) ?? painter(bench.shared, runtime.networks, model));
      let last: Painted | undefined;
      return { submit: async () => void (last = await paint(7, 1)), read: async () => last!.pixels };
    },
  });
}

interface Task {
  readonly task: string;
  readonly rounds: number;
  /** Whether the networks that it runs have run before. */
  readonly isWarm?: boolean;
  readonly compare: Compare;
  readonly open: (runtime: Runtime) => Promise<Unit | undefined>;
}

/** Only who agrees with the judge competes; who does not is named with the reason. */
async function runTask(bench: Bench, { task, compare, open, ...course }: Task): Promise<void> {
  const { shared, say } = bench;
  if (!task.includes(bench.only)) return;
  say(task);
  const entered: { runtime: string; unit: Unit; precision: Precision }[] = [];
  for (const runtime of bench.runtimes) {
    const { name } = runtime;
    try {
      const unit = await shared.as(name, () => open(runtime));
      if (unit) entered.push({ runtime: name, unit, precision: name.includes('f16') ? 'float16' : 'float32' });
    } catch (error) {
      bench.refused.push({ task, runtime: name, why: String(error) });
      say(`  ${name}: ${String(error)}`);
    }
  }
  const timings = await compete(shared, entered, course);
  const truth = (await entered.find(({ runtime }) => runtime === JUDGE)!.unit.read()).slice();
  const oursMs = timings.get(OURS)?.medianMs ?? Number.NaN;
  for (const { runtime, unit, precision } of entered) {
    const agreement = compare(await shared.as(runtime, () => unit.read()), truth, precision);
    const timing = timings.get(runtime)!;
    const ratio = timing.medianMs / oursMs;
    say(
      `  ${runtime}: ${timing.medianMs.toFixed(1)} ms, ${ratio.toFixed(2)} ×, nmse ${agreement.nmse.toExponential(1)}`,
    );
    if (agreement.agrees) bench.rows.push({ task, runtime, ...timing, agreement, ratio });
    else bench.refused.push({ task, runtime, why: `its output differs: ${JSON.stringify(agreement)}` });
  }
}
