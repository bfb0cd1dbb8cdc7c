import type { BatchRequest } from '../core/batch.ts';
import type { GenerateResult, StepEvent, Stop } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import { rowsOfBatch, picturesThatFit } from './atOnce.ts';
import { generateTogether, type RunOutcome } from './generate.ts';
import { pictureOf } from './picture.ts';
import type { Session } from './session.ts';

/** Who wants to hear of a run, and what ends it. */
export interface Watch {
  /** A step of the pictures that are painted together, the first of which is this one of the request. */
  readonly onStep: (events: readonly StepEvent[], first: number) => void;
  readonly stop: Stop;
  /** Throws once another run has taken the place of this one. */
  readonly throwIfReplaced: () => void;
}

/** Paint and decode every picture of a batch, as many together as fit; none is begun after a stop. */
export async function paintBatch(session: Session, batch: BatchRequest, watch: Watch): Promise<GenerateResult[]> {
  if (!session.config.tokenizer) {
    throw new Failure('BadRequest', 'the model holds a transformer only; it cannot make pictures');
  }
  const { pictures, ...shared } = batch;
  const atOnce = pictures.length > 1 ? picturesThatFit(session, rowsOfBatch(batch, session.config)) : 1;
  const results: GenerateResult[] = [];
  do {
    const first = results.length;
    const part = { ...shared, pictures: pictures.slice(first, first + atOnce) };
    results.push(...(await paintTogether(session, part, first, watch)));
  } while (results.length < pictures.length && !watch.stop.aborted);
  return results;
}

async function paintTogether(
  session: Session,
  batch: BatchRequest,
  first: number,
  { onStep, stop, throwIfReplaced }: Watch,
): Promise<GenerateResult[]> {
  const steps = generateTogether(session, batch, stop);
  let outcomes: RunOutcome[] | undefined;
  let stepsMs = 0;
  while (outcomes === undefined) {
    const { done, value } = await steps.next();
    if (done) outcomes = value;
    else {
      stepsMs += value[0]!.ms; // before the events' arrays are moved away
      onStep(value, first);
    }
  }
  const results: GenerateResult[] = [];
  for (const outcome of outcomes) {
    throwIfReplaced();
    const sinceMs = performance.now();
    const picture =
      batch.wantsPicture === false
        ? pictureOf(new Float32Array(0), 0)
        : pictureOf(await session.decode(outcome.tokens), session.config.image.size);
    results.push({ ...outcome, picture, stepMs: stepsMs / outcome.steps, decodeMs: performance.now() - sinceMs });
  }
  return results;
}
