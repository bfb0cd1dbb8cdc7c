import type { AdapterReport, Stop } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import { generateSteps } from '../engine/generate.ts';
import { recordDecode } from '../engine/programs.ts';
import type { Session } from '../engine/session.ts';
import { costOf } from '../program/cost.ts';
import type { Program } from '../program/program.ts';

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
  };
}

const roundCount = 7;

/** Paint the same picture again and again and count; the first round is warm-up and left out. */
export async function measure(
  session: Session,
  stop: Stop,
  onRound: (round: number, rounds: number) => void,
): Promise<BenchResult> {
  const { config, manifest, memory, opened } = session;
  if (config.transformer === undefined) {
    throw new Failure('BadRequest', 'This model holds a tokenizer only, bench wants one that paints.');
  }
  const settings = manifest.sampler;
  const stepMs: number[] = [];
  const decodeMs: number[] = [];
  let run = { steps: 0, passes: 0, submits: 0, createdObjects: 0 };
  for (let round = 0; round <= roundCount; round++) {
    onRound(round, roundCount);
    const before = { ...memory.counters };
    const picture = await paint(session, round, stop);
    if (round === 0) continue;
    stepMs.push(...picture.stepMs);
    if (picture.decodeMs !== undefined) decodeMs.push(picture.decodeMs);
    const { counters } = memory;
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
  const rows = settings.guidanceScale > 0 ? 2 : 1;
  const { program: step } = (await session.step(rows, 'generated')).plan;
  const decode = config.tokenizer && recordDecode(config, opened.capabilities).program;
  return {
    adapter: opened.report,
    step: countsOf(step),
    ...(decode && { decode: countsOf(decode) }),
    run,
    memory: memory.bytes,
    wgsl: wgslOf([step, ...(decode ? [decode] : [])]),
    times: {
      rounds: roundCount,
      samples: stepMs.length,
      stepMs: median(stepMs),
      ...(decodeMs.length > 0 && { decodeMs: median(decodeMs) }),
    },
  };
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
  const sources = new Set(programs.flatMap(({ calls }) => calls.map(({ kernel }) => kernel.source)));
  const encoder = new TextEncoder();
  return { kernels: sources.size, bytes: [...sources].reduce((sum, source) => sum + encoder.encode(source).length, 0) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
