import type { StepEvent, Stop } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import { blankTokens } from '../core/grid.ts';
import { classRows, guidanceAt, withoutNullRow, type ClassRows } from '../core/guidance.ts';
import { ranksOf } from '../core/halton.ts';
import type { GenerateRequest } from '../core/request.ts';
import { start, stepCounts, type StepCount } from '../core/sampler.ts';
import { packStepParams, stepParamsOf } from '../core/stepParams.ts';
import { bannedMask, checkRequest } from '../core/validate.ts';
import type { Session, StepPart } from './session.ts';

/** A step as the command line traces it. */
export interface StepRecord extends StepEvent {
  /** The official rule's count (`StepCount.maskCount`). */
  readonly maskCount: number;
}

/** How a run ended. */
export interface RunOutcome {
  /** [positions] without MASK; the guess fills what a stop left open. */
  readonly tokens: Int32Array<ArrayBuffer>;
  /** Executed steps, and whether a stop cut the run short. */
  readonly steps: number;
  readonly stopped: boolean;
}

interface Run {
  readonly request: GenerateRequest;
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly rows: ClassRows;
  readonly counts: readonly StepCount[];
}

/**
 * Paint what is MASK, a step at a time. Steps are submitted ahead of their results, `session.stepsInFlight` of them,
 * because none needs the host to know what the one before it drew. A stop takes effect after the step that comes
 * next; one that came before the first step rejects with AbortError. Failures: BadRequest, DeviceLost.
 */
export async function* generateSteps(
  session: Session,
  request: GenerateRequest,
  stop: Stop,
): AsyncGenerator<StepRecord, RunOutcome> {
  checkRequest(request, session.config);
  stop.throwIfAborted();
  const run = planRun(session, request);
  const programs = await programsOf(session, run);
  writeRun(session, programs, run);
  const waiting: Promise<ArrayBuffer[]>[] = [];
  let submitted = 0;
  let kept: Pick<StepRecord, 'tokens' | 'guess'> | undefined;
  let sinceMs = performance.now();
  try {
    for (let done = 0; done < run.counts.length; done++) {
      while (submitted < run.counts.length && waiting.length < session.stepsInFlight) {
        waiting.push(submitStep(session, programs, run, submitted++));
      }
      const values = await session.orLost(waiting.shift()!);
      const nowMs = performance.now();
      const record = stepRecord(run, done, values, nowMs - sinceMs);
      sinceMs = nowMs;
      kept = { tokens: record.tokens.slice(), guess: record.guess.slice() }; // who gets the record may move its arrays away
      yield record;
      if (stop.aborted && done + 1 < run.counts.length) {
        return { tokens: kept.guess, steps: done + 1, stopped: true };
      }
    }
  } finally {
    await session.orLost(Promise.all(waiting)).catch(() => {}); // their staging buffers are free again for the next run
  }
  if (kept === undefined) throw new Failure('Internal', 'a run without a step.'); // checkRequest wants something masked
  return { tokens: kept.tokens, steps: run.counts.length, stopped: false };
}

function planRun({ config }: Session, request: GenerateRequest): Run {
  const { settings, unknownAtStart } = request;
  const tokens = Int32Array.from(request.tokens ?? blankTokens(config.grid));
  const state = start(settings, tokens);
  const counts = stepCounts(settings, { ...state, unknownAtStart: unknownAtStart ?? state.unknownAtStart });
  return { request, tokens, rows: classRows(request, tokens), counts };
}

/** The programs of a run's steps. */
interface StepPrograms {
  readonly full: StepPart;
  /** Without the row of "no class", for steps in which guidance has no weight yet: a sequence less, the same tokens. */
  readonly unguided?: { readonly part: StepPart; readonly rows: ClassRows };
}

async function programsOf(session: Session, { request, rows, counts }: Run): Promise<StepPrograms> {
  const { settings, noise } = request;
  const source = noise ? 'explicit' : 'generated';
  const full = await session.step(rows.classes.length, source);
  const fewer = withoutNullRow(rows);
  if (!fewer || !counts.some(({ step }) => guidanceAt(settings, step) === 0)) return { full };
  return { full, unguided: { part: await session.step(fewer.classes.length, source), rows: fewer } };
}

/** What stays the same in all steps of the run. */
function writeRun({ memory, config }: Session, { full, unguided }: StepPrograms, run: Run): void {
  const { request, tokens, rows } = run;
  const { codebook } = config.transformer!;
  const { settings } = request;
  const { tensors } = full;
  memory.write(tensors.tokens, tokens);
  memory.write(tensors.classes, Int32Array.from(rows.classes));
  if (unguided) memory.write(unguided.part.tensors.classes, Int32Array.from(unguided.rows.classes));
  memory.write(tensors.rowOfPosition, rows.rowOfPosition);
  if (settings.order !== 'confidence') memory.write(tensors.rank, ranksOf(settings.order, config.grid));
  memory.write(tensors.banned, Uint32Array.from(bannedMask(request, codebook) ?? new Uint8Array(codebook)));
}

/** Write the step's numbers and submit it with the copies of its results; resolves with tokens, guess, logProb, confidence. */
function submitStep(session: Session, programs: StepPrograms, run: Run, at: number): Promise<ArrayBuffer[]> {
  const { memory, stepRing } = session;
  const { settings, seed, noise } = run.request;
  const { step, unknown, masked } = run.counts[at]!;
  const isUnguided = programs.unguided !== undefined && guidanceAt(settings, step) === 0;
  const { plan, tensors } = isUnguided ? programs.unguided.part : programs.full;
  const { nullRow } = isUnguided ? programs.unguided.rows : run.rows;
  memory.write(tensors.stepParams, packStepParams(stepParamsOf(settings, { seed, step, masked, nullRow })));
  if (noise && tensors.drawNoise && tensors.choiceNoise) {
    const slice = (values: Float32Array): Float32Array<ArrayBuffer> => {
      const length = values.length / (settings.steps - settings.startStep);
      return values.slice(at * length, (at + 1) * length) as Float32Array<ArrayBuffer>;
    };
    memory.write(tensors.drawNoise, slice(noise.drawNoise));
    memory.write(tensors.choiceNoise, slice(noise.choiceNoise));
  }
  plan.run((encoder) => stepRing.copy(encoder), { entries: unknown, mostOperations: session.mostOperations });
  return stepRing.read();
}

function stepRecord({ request, counts }: Run, at: number, values: readonly ArrayBuffer[], ms: number): StepRecord {
  const [tokens, guess, logProb, confidence] = values as [ArrayBuffer, ArrayBuffer, ArrayBuffer, ArrayBuffer];
  const { step, maskCount } = counts[at]!;
  return {
    step,
    steps: request.settings.steps,
    tokens: new Int32Array(tokens),
    guess: new Int32Array(guess),
    logProb: new Float32Array(logProb),
    confidence: new Float32Array(confidence),
    ms,
    maskCount,
  };
}
