import type { ModelConfig } from '../core/config.ts';
import type { AdapterReport } from '../core/engine.ts';
import { MASK } from '../core/grid.ts';
import { defaultSettings, type SamplerSettings } from '../core/request.ts';
import { maskedIn, start, stepCounts, type StepCount } from '../core/sampler.ts';
import { packCells, packStepParams, stepParamsOf } from '../core/stepParams.ts';
import { recordStep } from '../engine/programs.ts';
import { recordRasterStep } from '../engine/rasterProgram.ts';
import { ModelMemory } from '../gpu/memory.ts';
import type { OpenDevice } from '../gpu/open.ts';
import { compile, type Plan } from '../gpu/plan.ts';
import type { Program } from '../program/program.ts';
import { sizeOf, type Tensor } from '../program/tensor.ts';
import { timeProducts, type ProductTime } from './rowProducts.ts';
import { median } from '../core/median.ts';

/** How long a whole picture's passes take, in ms: in parallel, and one token a pass in three ways. */
export interface RaceTimes {
  /** The masked network in a few passes. */
  readonly parallel: number;
  /** The masked network, one token a pass. */
  readonly oneByOne: number;
  /** The causal network of the same size: all places again for every token, or one and a cache. */
  readonly anew: number;
  readonly cached: number;
}
type Lane = keyof RaceTimes;

export interface RaceRow {
  readonly tokens: number;
  readonly parallelPasses: number;
  /** Of one token a pass without a cache every so many positions were run; the others count as their neighbours. */
  readonly sampledEvery: number;
  readonly ms: RaceTimes;
  /** What the adapter's threads computed, where somebody can tell. */
  readonly processorMs?: RaceTimes;
  /** How many times as long as `parallel`, by processor time where it is known. */
  readonly timesParallel: Omit<RaceTimes, 'parallel'>;
}

export interface RaceResult {
  readonly kind: 'race';
  readonly adapter: AdapterReport;
  readonly network: ModelConfig['transformer'];
  readonly rounds: number;
  readonly rows: readonly RaceRow[];
  readonly products: readonly ProductTime[];
}

/** A grid by its side, the passes of MaskGIT, and how many positions go by from one that is run to the next. */
export interface Course {
  readonly side: number;
  readonly passes: number;
  readonly every: number;
}

/** The passes are the paper's: 8 for 16 × 16 tokens, 12 for 32 × 32. */
const paperCourses: readonly Course[] = [
  { side: 8, passes: 8, every: 8 },
  { side: 16, passes: 8, every: 32 },
  { side: 32, passes: 12, every: 64 },
];
const roundCount = 3;

export interface RaceWatch {
  readonly tell: (doing: string) => void;
  /** Processor time that a software adapter has taken so far. */
  readonly processorMs?: () => number | undefined;
}

/** Measure what one token a pass costs against a few passes of many, with random weights: times do not depend on them. */
export async function measureRace(
  opened: OpenDevice,
  watch: RaceWatch,
  courses: readonly Course[] = paperCourses,
): Promise<RaceResult> {
  const rows: RaceRow[] = [];
  for (const course of courses) rows.push(await runCourse(opened, course, watch));
  watch.tell('products of one row');
  const products = await timeProducts(opened);
  const { transformer: network } = configOf(8);
  return { kind: 'race', adapter: opened.report, network, rounds: roundCount, rows, products };
}

/** A transformer of mini's size on a grid of this side. */
function configOf(side: number): ModelConfig {
  const transformer = { width: 192, layers: 6, heads: 6, mlp: 768, codebook: 1024, classes: 51, nullClass: true };
  return {
    image: { size: 4 * side, pixelArt: true },
    grid: { rows: side, cols: side },
    transformer: { ...transformer, layerEps: 1e-12, gelu: 'tanh' },
  };
}

async function runCourse(opened: OpenDevice, course: Course, watch: RaceWatch): Promise<RaceRow> {
  const tokens = course.side ** 2;
  const [masked, causal] = [opened, opened].map(({ device, capabilities }) => new ModelMemory(device, capabilities));
  try {
    watch.tell(`${tokens} tokens: compile`);
    const lanes = { ...(await maskedLanes(opened, masked!, course)), ...(await causalLanes(opened, causal!, course)) };
    const times: Record<Lane, number[]> = { parallel: [], oneByOne: [], anew: [], cached: [] };
    const taken: Record<Lane, number[]> = { parallel: [], oneByOne: [], anew: [], cached: [] };
    for (let round = 0; round <= roundCount; round++) {
      for (const [lane, { run, weight }] of Object.entries(lanes) as [Lane, Runs][]) {
        watch.tell(`${tokens} tokens, round ${round} of ${roundCount}: ${lane}`);
        const [beforeMs, takenBeforeMs] = [performance.now(), watch.processorMs?.()];
        await run();
        if (round === 0) continue; // warm-up
        times[lane].push(weight * (performance.now() - beforeMs));
        if (takenBeforeMs !== undefined) taken[lane].push(weight * (watch.processorMs!()! - takenBeforeMs));
      }
    }
    return rowOf(course, times, taken);
  } finally {
    masked!.destroy();
    causal!.destroy();
  }
}

/** A lane's passes, all of them or one of every `weight`. */
interface Runs {
  readonly run: () => Promise<void>;
  readonly weight: number;
}

async function maskedLanes(opened: OpenDevice, memory: ModelMemory, { side, passes, every }: Course) {
  const config = configOf(side);
  const { program, tensors } = recordStep(config, opened.capabilities, { rows: 1, noise: 'generated' });
  const { plan } = await compile(memory, { plan: program });
  fillWeights(memory, program);
  memory.write(tensors.classes, Int32Array.of(3));
  const blank = new Int32Array(side ** 2).fill(MASK);
  const stepsOf = (settings: SamplerSettings) => stepCounts(settings, start(settings, blank), config.grid);
  const submit = (settings: SamplerSettings, { step, unknown, masked }: StepCount): void => {
    memory.write(tensors.stepParams, packStepParams(stepParamsOf(settings, { seed: 1, step, masked, nullRow: -1 })));
    plan.run(undefined, { entries: unknown });
  };
  const few = { ...defaultSettings, steps: passes };
  const many = { ...defaultSettings, steps: side ** 2, schedule: 'linear', order: 'raster' } as const;
  memory.write(tensors.cells, packCells(many, maskedIn(blank), config.grid));
  return {
    parallel: {
      weight: 1,
      run: async () => {
        memory.write(tensors.tokens, blank);
        for (const count of stepsOf(few)) submit(few, count);
        await memory.device.queue.onSubmittedWorkDone();
      },
    },
    oneByOne: {
      weight: every,
      run: () =>
        inTurns(memory, sampled(side ** 2, every), (position) => {
          memory.write(
            tensors.tokens,
            blank.map((open, p) => (p < position ? 0 : open)),
          );
          submit(many, stepsOf(many)[position]!);
        }),
    },
  } satisfies Record<string, Runs>;
}

async function causalLanes(opened: OpenDevice, memory: ModelMemory, { side, every }: Course) {
  const config = configOf(side);
  const positions = sampled(side ** 2, every);
  const cached = recordRasterStep(config, opened.capabilities, { sequences: 1 });
  const anew = positions.map((p) => recordRasterStep(config, opened.capabilities, { sequences: 1, length: p + 1 }));
  const programs = Object.fromEntries([cached, ...anew].map(({ program }, i) => [String(i), program]));
  const plans = await compile(memory, programs);
  fillWeights(memory, cached.program);
  const { tensors } = cached;
  memory.write(tensors.classes, Int32Array.of(3));
  const blank = new Int32Array(side ** 2).fill(MASK);
  const submit = (plan: Plan, step: number): void => {
    const address = { seed: 1, step, masked: 0, nullRow: -1 };
    memory.write(tensors.stepParams, packStepParams(stepParamsOf(defaultSettings, address)));
    plan.run();
  };
  return {
    anew: {
      weight: every,
      run: async () => {
        memory.write(tensors.tokens, new Int32Array(side ** 2));
        await inTurns(memory, positions, (position, i) => submit(plans[String(i + 1)]!, position));
      },
    },
    cached: {
      weight: 1,
      run: async () => {
        memory.write(tensors.tokens, blank);
        await inTurns(memory, [...blank.keys()], (position) => submit(plans['0']!, position));
      },
    },
  } satisfies Record<string, Runs>;
}

/** The middle one of every `every` positions. */
function sampled(positions: number, every: number): number[] {
  return Array.from({ length: positions / every }, (_, i) => i * every + every / 2);
}

/** As many submits ahead as the engine allows itself. */
const IN_FLIGHT = 16;

async function inTurns(memory: ModelMemory, positions: readonly number[], submit: (p: number, i: number) => void) {
  for (const [i, position] of positions.entries()) {
    submit(position, i);
    if (i % IN_FLIGHT === IN_FLIGHT - 1) await memory.device.queue.onSubmittedWorkDone();
  }
  await memory.device.queue.onSubmittedWorkDone();
}

/** Small numbers everywhere, norms at one: nothing overflows, nothing is denormal. */
function fillWeights(memory: ModelMemory, program: Program): void {
  const value = ({ label }: Tensor, i: number): number =>
    label.endsWith('/scale') ? 1 : 0.04 * (((i * 2654435761) >>> 0) / 2 ** 32 - 0.5);
  for (const tensor of program.tensors.filter(({ role }) => role === 'weight')) {
    memory.write(
      tensor,
      Float32Array.from({ length: sizeOf(tensor.shape) }, (_, i) => value(tensor, i)),
    );
  }
}

function rowOf({ side, passes, every }: Course, times: Record<Lane, number[]>, taken: Record<Lane, number[]>): RaceRow {
  const medians = (all: Record<Lane, number[]>): RaceTimes => ({
    parallel: median(all.parallel),
    oneByOne: median(all.oneByOne),
    anew: median(all.anew),
    cached: median(all.cached),
  });
  const ms = medians(times);
  const processorMs = taken.parallel.length > 0 ? medians(taken) : undefined;
  const { parallel, ...others } = processorMs ?? ms;
  const timesParallel = {
    oneByOne: others.oneByOne / parallel,
    anew: others.anew / parallel,
    cached: others.cached / parallel,
  };
  return {
    tokens: side ** 2,
    parallelPasses: passes,
    sampledEvery: every,
    ms,
    ...(processorMs && { processorMs }),
    timesParallel,
  };
}
