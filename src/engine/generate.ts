import { batchOf, checkBatch, requestOfPicture, type BatchRequest } from '../core/batch.ts';
import type { StepEvent, Stop } from '../core/engine.ts';
import { blankTokens } from '../core/grid.ts';
import { classRows, guidanceAt, withoutNullRow, type ClassRows } from '../core/guidance.ts';
import { maskTokens, type TokenMask } from '../core/mask.ts';
import type { ExplicitNoise, GenerateRequest } from '../core/request.ts';
import { start, stepCounts, type StepCount } from '../core/sampler.ts';
import { packCells, packStepParams, STEP_PARAM_WORDS, stepParamsOf } from '../core/stepParams.ts';
import { bannedMask } from '../core/validate.ts';
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
  readonly request: BatchRequest;
  /** [pictures][positions] at the start. */
  readonly tokens: readonly Int32Array<ArrayBuffer>[];
  /** [positions] 1 where the run paints, or the one that it resumes. */
  readonly painted: TokenMask;
  /** The same for all pictures, as the counts are: the same positions are masked at the start, so many of them later. */
  readonly rows: ClassRows;
  readonly counts: readonly StepCount[];
}

/** Paint what is MASK, a step at a time, as `generateTogether` does; a picture alone. */
export async function* generateSteps(
  session: Session,
  request: GenerateRequest,
  stop: Stop,
): AsyncGenerator<StepRecord, RunOutcome> {
  const steps = generateTogether(session, batchOf([request]), stop);
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return value[0]!;
      yield value[0]!;
    }
  } finally {
    await steps.return([]);
  }
}

/**
 * Paint what is MASK in every picture of a batch, a step of all of them at a time: one program, one submit. Each picture
 * has the tokens that it has alone. Steps are submitted ahead of their results, `session.stepsInFlight` pictures of them,
 * because none needs the host to know what the one before it drew. A stop takes effect after the step that comes next; one
 * that came before the first step rejects with AbortError. Failures: BadRequest, Limits, DeviceLost.
 */
export async function* generateTogether(
  session: Session,
  request: BatchRequest,
  stop: Stop,
): AsyncGenerator<StepRecord[], RunOutcome[]> {
  checkBatch(request, session.config);
  stop.throwIfAborted();
  const run = planRun(session, request);
  const programs = await programsOf(session, run);
  writeRun(session, programs, run);
  const { length } = run.counts;
  const inFlight = Math.max(1, Math.floor(session.stepsInFlight / request.pictures.length));
  const waiting: Promise<ArrayBuffer[]>[] = [];
  let submitted = 0;
  let kept: readonly Pick<StepRecord, 'tokens' | 'guess'>[] = [];
  let sinceMs = performance.now();
  try {
    for (let done = 0; done < length; done++) {
      while (submitted < length && waiting.length < inFlight) {
        waiting.push(submitStep(session, programs, run, submitted++));
      }
      const values = await session.orLost(waiting.shift()!);
      const nowMs = performance.now();
      const records = stepRecords(run, done, values, nowMs - sinceMs);
      sinceMs = nowMs;
      kept = records.map(({ tokens, guess }) => ({ tokens: tokens.slice(), guess: guess.slice() })); // who gets the records may move their arrays away
      yield records;
      if (stop.aborted && done + 1 < length) {
        return kept.map(({ guess }) => ({ tokens: guess as RunOutcome['tokens'], steps: done + 1, stopped: true }));
      }
    }
  } finally {
    await session.orLost(Promise.all(waiting)).catch(() => {}); // their staging buffers are free again for the next run
  }
  return kept.map(({ tokens }) => ({ tokens: tokens as RunOutcome['tokens'], steps: length, stopped: false }));
}

function planRun({ config }: Session, request: BatchRequest): Run {
  const { settings, painted, pictures } = request;
  const tokens = pictures.map((picture) => Int32Array.from(picture.tokens ?? blankTokens(config.grid)));
  const state = start(settings, tokens[0]!, painted);
  const rows = classRows(requestOfPicture(request, 0), maskTokens(tokens[0]!, state.painted));
  return { request, tokens, painted: state.painted, rows, counts: stepCounts(settings, state, config.grid) };
}

/** The programs of a run's steps. */
interface StepPrograms {
  readonly full: StepPart;
  /** Without the row of "no class", for steps in which guidance has no weight yet: a sequence less, the same tokens. */
  readonly unguided?: { readonly part: StepPart; readonly rows: ClassRows };
}

async function programsOf(session: Session, { request, rows, counts }: Run): Promise<StepPrograms> {
  const { settings, pictures } = request;
  const shape = { noise: pictures[0]!.noise ? 'explicit' : 'generated', pictures: pictures.length } as const;
  const full = await session.step({ ...shape, rows: rows.classes.length });
  const fewer = withoutNullRow(rows);
  if (!fewer || !counts.some(({ step }) => guidanceAt(settings, step) === 0)) return { full };
  return { full, unguided: { part: await session.step({ ...shape, rows: fewer.classes.length }), rows: fewer } };
}

/** What stays the same in all steps of the run. */
function writeRun({ memory, config }: Session, { full, unguided }: StepPrograms, run: Run): void {
  const { request, tokens, painted, rows } = run;
  const { codebook } = config.transformer!;
  const { settings } = request;
  const { tensors } = full;
  // In every row the pictures take turns.
  const inTurns = ({ classes }: ClassRows): Int32Array<ArrayBuffer> =>
    Int32Array.from(classes.flatMap((id) => tokens.map(() => id)));
  tokens.forEach((own, i) => memory.write(tensors.tokens, own, i * own.byteLength));
  memory.write(tensors.classes, inTurns(rows));
  if (unguided) memory.write(unguided.part.tensors.classes, inTurns(unguided.rows));
  memory.write(tensors.rowOfPosition, rows.rowOfPosition);
  memory.write(tensors.cells, packCells(settings, painted, config.grid));
  memory.write(
    tensors.banned,
    Uint32Array.from(bannedMask(requestOfPicture(request, 0), codebook) ?? new Uint8Array(codebook)),
  );
}

/** Write the step's numbers and submit it with the copies of its results; resolves with tokens, guess, logProb, confidence. */
function submitStep(session: Session, programs: StepPrograms, run: Run, at: number): Promise<ArrayBuffer[]> {
  const { memory } = session;
  const { settings, pictures } = run.request;
  const { step, unknown, masked } = run.counts[at]!;
  const next = run.counts[at + 1]?.step;
  const isUnguided = programs.unguided !== undefined && guidanceAt(settings, step) === 0;
  const { plan, tensors } = isUnguided ? programs.unguided.part : programs.full;
  const { nullRow } = isUnguided ? programs.unguided.rows : run.rows;
  const numbers = new Uint32Array(pictures.length * STEP_PARAM_WORDS);
  pictures.forEach(({ seed, noise }, i) => {
    const own = packStepParams(stepParamsOf(settings, { seed, step, masked, nullRow, next }));
    numbers.set(own, i * STEP_PARAM_WORDS);
    if (noise && step < settings.steps)
      writeNoise(session, tensors, noise, { of: settings.steps - settings.startStep, at, picture: i });
  });
  memory.write(tensors.stepParams, numbers);
  const ring = session.stepRing(pictures.length);
  plan.run((encoder) => ring.copy(encoder), { entries: unknown, mostOperations: session.mostOperations });
  return ring.read();
}

/** Of the noise that was handed in for a picture, the part of this step. */
function writeNoise(
  { memory }: Session,
  tensors: StepPart['tensors'],
  noise: ExplicitNoise,
  { of, at, picture }: { readonly of: number; readonly at: number; readonly picture: number },
): void {
  for (const name of ['drawNoise', 'choiceNoise'] as const) {
    const length = noise[name].length / of;
    const values = noise[name].slice(at * length, (at + 1) * length) as Float32Array<ArrayBuffer>;
    memory.write(tensors[name]!, values, picture * values.byteLength);
  }
}

function stepRecords(
  { request, counts, tokens: all }: Run,
  at: number,
  values: readonly ArrayBuffer[],
  ms: number,
): StepRecord[] {
  const { step, maskCount, masked } = counts[at]!;
  return all.map(({ byteLength }, i) => {
    // Buffers of its own, which may be moved away.
    const [tokens, guess, logProb, confidence] = values.map((value) =>
      value.slice(i * byteLength, (i + 1) * byteLength),
    ) as [ArrayBuffer, ArrayBuffer, ArrayBuffer, ArrayBuffer];
    return {
      step,
      steps: request.settings.steps + request.settings.corrections,
      // From the schedule's last step on the device holds what the next one sees; what is fixed is the guess.
      tokens: new Int32Array(masked === 0 ? guess.slice(0) : tokens),
      guess: new Int32Array(guess),
      logProb: new Float32Array(logProb),
      confidence: new Float32Array(confidence),
      ms,
      maskCount,
    };
  });
}
