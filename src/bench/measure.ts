import type { AdapterReport, Stop } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import { generateSteps } from '../engine/generate.ts';
import { recordDecode } from '../engine/programs.ts';
import type { Session } from '../engine/session.ts';
import { compile } from '../gpu/plan.ts';
import { costOf } from '../program/cost.ts';
import type { Program } from '../program/program.ts';
import { measureBatch, type BatchTimes } from './batch.ts';
import { timeProgram, type ProgramTime } from './kernelTimes.ts';
import { measureRoofline, type Roofline } from './roofline.ts';
import { median } from '../core/median.ts';

/** What a program is made of; nothing in it depends on the adapter's speed. */
export interface ProgramCounts {
  readonly dispatches: number;
  readonly operations: number;
  readonly boundBytes: number;
  /** Activations at their peak, and what they would take without sharing. */
  readonly scratchBytes: number;
  readonly unsharedScratchBytes: number;
}

export interface BenchResult {
  readonly adapter: AdapterReport;
  readonly step: ProgramCounts;
  readonly decode?: ProgramCounts;
  /** One picture: its steps and its decode, after everything is warm. */
  readonly run: {
    readonly steps: number;
    readonly passes: number;
    readonly submits: number;
    readonly createdObjects: number;
  };
  readonly memory: { readonly weights: number; readonly states: number; readonly scratch: number };
  readonly wgsl: { readonly kernels: number; readonly bytes: number };
  readonly times: {
    readonly rounds: number;
    /** How many steps `stepMs` is the median of. */
    readonly samples: number;
    readonly stepMs: number;
    readonly decodeMs?: number;
    /** A whole picture: all steps and the decode. */
    readonly pictureMs: number;
    /** What the adapter's threads computed for it, where somebody can tell: independent of the machine's load. */
    readonly processorMs?: number;
    /** From an idle device to its results on the CPU. */
    readonly readbackMs: number;
  };
  /** Several pictures painted together; absent where only one fits. */
  readonly batch?: BatchTimes;
  readonly roofline: Roofline;
  /** The step as it is guided, and the decoder: each kernel's part. */
  readonly programs: { readonly step: ProgramTime; readonly decode?: ProgramTime };
}

const roundCount = 7;

/** Who is told what goes on, and what only the host can measure. */
export interface Watch {
  readonly tell: (doing: string) => void;
  /** Processor time that a software adapter has taken so far. */
  readonly processorMs?: () => number | undefined;
}

/**
 * Paint pictures and count what each takes; the first is warm-up and left out. Then measure what the adapter can do at
 * most and how near every kernel comes to it. Failures: BadRequest, DeviceLost.
 */
export async function measure(session: Session, stop: Stop, watch: Watch): Promise<BenchResult> {
  const { config, manifest, memory, opened } = session;
  if (config.transformer === undefined) {
    throw new Failure('BadRequest', 'This model holds a tokenizer only, bench wants one that paints.');
  }
  const { tell } = watch;
  const pictures = await paintAll(session, stop, watch);
  const held = memory.bytes;
  tell('several pictures');
  const batch = await measureBatch(session, stop, watch.processorMs);
  tell('roofline');
  const roofline = await measureRoofline(opened);
  const rows = manifest.sampler.guidanceScale > 0 ? 2 : 1;
  const { plan: step, tensors } = await session.step({ rows, noise: 'generated' });
  const decode = config.tokenizer && recordDecode(config, session.target).program;
  tell('kernels');
  const { isFallback } = opened.capabilities;
  const stepTime = await timeProgram(step, roofline, isFallback);
  // Its weights are there and its pipelines compiled: the session has one of its own.
  const decodeTime = decode && (await timeProgram((await compile(memory, { decode })).decode, roofline, isFallback));
  return {
    adapter: opened.report,
    step: countsOf(step.program),
    ...(decode && { decode: countsOf(decode) }),
    run: pictures.run,
    memory: held,
    wgsl: wgslOf([step.program, ...(decode ? [decode] : [])]),
    ...(batch && { batch }),
    times: { ...pictures.times, readbackMs: await timeReadback(() => step.read(tensors.tokens)) },
    roofline,
    programs: { step: stepTime, ...(decodeTime && { decode: decodeTime }) },
  };
}

type Pictures = Pick<BenchResult, 'run'> & { readonly times: Omit<BenchResult['times'], 'readbackMs'> };

async function paintAll(session: Session, stop: Stop, { tell, processorMs }: Watch): Promise<Pictures> {
  const { counters } = session.memory;
  const stepMs: number[] = [];
  const decodeMs: number[] = [];
  const pictureMs: number[] = [];
  const takenMs: number[] = [];
  let run = { steps: 0, passes: 0, submits: 0, createdObjects: 0 };
  for (let round = 0; round <= roundCount; round++) {
    tell(`round ${round} of ${roundCount}`);
    const before = { ...counters };
    const sinceMs = performance.now();
    const takenBeforeMs = processorMs?.();
    const picture = await paint(session, round, stop);
    if (round === 0) continue;
    pictureMs.push(performance.now() - sinceMs);
    if (takenBeforeMs !== undefined) takenMs.push(processorMs!()! - takenBeforeMs);
    stepMs.push(...picture.stepMs);
    if (picture.decodeMs !== undefined) decodeMs.push(picture.decodeMs);
    run = {
      steps: picture.stepMs.length,
      passes: counters.passes - before.passes,
      submits: counters.submits - before.submits,
      createdObjects:
        counters.buffers -
        before.buffers +
        (counters.bindGroups - before.bindGroups) +
        (counters.pipelines - before.pipelines),
    };
  }
  const times = {
    rounds: roundCount,
    samples: stepMs.length,
    stepMs: median(stepMs),
    ...(decodeMs.length > 0 && { decodeMs: median(decodeMs) }),
    pictureMs: median(pictureMs),
    ...(takenMs.length > 0 && { processorMs: median(takenMs) }),
  };
  return { run, times };
}

async function timeReadback(read: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < roundCount; round++) {
    const sinceMs = performance.now();
    await read();
    times.push(performance.now() - sinceMs);
  }
  return median(times);
}

async function paint(session: Session, seed: number, stop: Stop): Promise<{ stepMs: number[]; decodeMs?: number }> {
  const steps = generateSteps(session, { classId: 0, seed, settings: session.manifest.sampler }, stop);
  const stepMs: number[] = [];
  for (;;) {
    const { done, value } = await steps.next();
    if (!done) {
      stepMs.push(value.ms);
      continue;
    }
    if (session.config.tokenizer === undefined) return { stepMs };
    const sinceMs = performance.now();
    await session.decode(value.tokens);
    return { stepMs, decodeMs: performance.now() - sinceMs };
  }
}

export function countsOf(program: Program): ProgramCounts {
  const { operations, boundBytes, scratchBytes, unsharedScratchBytes } = costOf(program);
  return { dispatches: program.calls.length, operations, boundBytes, scratchBytes, unsharedScratchBytes };
}

/** Shaders that the programs use, each counted once. */
export function wgslOf(programs: readonly Program[]): { kernels: number; bytes: number } {
  const kernels = programs.flatMap(({ calls }) => calls.map(({ kernel }) => kernel));
  // A text that is joined with other pieces for each way to store weights is one.
  const sources = new Map(kernels.map(({ formula, name, source }) => [formula ?? name, source]));
  const encoder = new TextEncoder();
  return {
    kernels: sources.size,
    bytes: [...sources.values()].reduce((sum, source) => sum + encoder.encode(source).length, 0),
  };
}
