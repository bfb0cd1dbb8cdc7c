import type { Stop } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import { blankTokens } from '../core/grid.ts';
import { NULL_CLASS } from '../core/guidance.ts';
import { defaultSettings } from '../core/request.ts';
import { checkNumber, settingRanges } from '../core/settings.ts';
import { packStepParams, stepParamsOf } from '../core/stepParams.ts';
import { recordRasterStep, type RasterStepTensors } from './rasterProgram.ts';
import type { Part, Session } from './session.ts';

/** What a run of the causal baseline is asked for. */
export interface RasterRequest {
  readonly classId: number;
  readonly seed: number;
  readonly temperature: number;
  /** The same at every position: a ramp over the steps means nothing where a step is a token. */
  readonly guidanceScale: number;
  /** [positions], MASK where to draw; absent: everywhere. Known ones are kept. */
  readonly tokens?: Int32Array;
}

/** What one pass did. */
export interface RasterRecord {
  /** The position that was drawn, or kept. */
  readonly step: number;
  readonly steps: number;
  /** [positions], MASK from the next position on where nothing is known. */
  readonly tokens: Int32Array<ArrayBuffer>;
  /** [positions] of what was drawn so far. */
  readonly logProb: Float32Array<ArrayBuffer>;
  readonly ms: number;
}

/**
 * Paint token by token, core/raster.ts on the device: a pass and a submit a token, nothing created in between. Passes
 * are submitted ahead of their results, because each reads from the device what the one before it drew. A stop ends the
 * run after the pass that comes next. Failures: BadRequest, DeviceLost.
 */
export async function* rasterSteps(
  session: Session,
  request: RasterRequest,
  stop: Stop,
): AsyncGenerator<RasterRecord, Int32Array<ArrayBuffer>> {
  checkRaster(session, request);
  const { memory, config } = session;
  let tokens = Int32Array.from(request.tokens ?? blankTokens(config.grid));
  const steps = tokens.length;
  const part = await partOf(session, request);
  const ring = session.ring('raster step', part, (tensors) => [tensors.tokens, tensors.logProb]);
  memory.write(part.tensors.tokens, tokens);
  memory.write(part.tensors.classes, Int32Array.from([request.classId, NULL_CLASS].slice(0, sequencesOf(request))));
  const waiting: Promise<ArrayBuffer[]>[] = [];
  let submitted = 0;
  let sinceMs = performance.now();
  try {
    for (let step = 0; step < steps && !stop.aborted; step++) {
      while (submitted < steps && waiting.length < session.stepsInFlight) {
        memory.write(part.tensors.stepParams, numbersOf(request, submitted++));
        part.plan.run((encoder) => ring.copy(encoder), { mostOperations: session.mostOperations });
        waiting.push(ring.read());
      }
      const [drawn, logProb] = await session.orLost(waiting.shift()!);
      const nowMs = performance.now();
      tokens = new Int32Array(drawn!);
      yield { step, steps, tokens: tokens.slice(), logProb: new Float32Array(logProb!), ms: nowMs - sinceMs };
      sinceMs = nowMs;
    }
  } finally {
    await session.orLost(Promise.all(waiting)).catch(() => {}); // their staging buffers are free again for the next run
  }
  return tokens;
}

/**
 * [positions, codebook] the logits of a causal network at every position, from the tokens before it as they are given
 * (MASK is a token as any other) and what it remembers. Failure BadRequest.
 */
export async function rasterLogits(
  session: Session,
  tokens: Int32Array,
  classId: number,
): Promise<Float32Array<ArrayBuffer>> {
  const request: RasterRequest = { classId, seed: 0, temperature: 0, guidanceScale: 0 };
  checkRaster(session, request);
  const { codebook } = session.config.transformer!;
  const { plan, tensors } = await partOf(session, request);
  const ring = session.ring('raster logits', { plan, tensors }, ({ logits }) => [logits]);
  session.memory.write(tensors.classes, Int32Array.of(classId));
  const all = new Float32Array(tokens.length * codebook);
  for (let step = 0; step < tokens.length; step++) {
    session.memory.write(tensors.tokens, Int32Array.from(tokens)); // what the pass before drew is not what follows
    session.memory.write(tensors.stepParams, numbersOf(request, step));
    plan.run((encoder) => ring.copy(encoder));
    const [logits] = await session.orLost(ring.read());
    all.set(new Float32Array(logits!), step * codebook);
  }
  return all;
}

function partOf(session: Session, request: RasterRequest): Promise<Part<RasterStepTensors>> {
  const sequences = sequencesOf(request);
  const record = () => recordRasterStep(session.config, session.target, { sequences });
  return session.part(`raster step of ${sequences}`, record);
}

function sequencesOf({ guidanceScale }: RasterRequest): number {
  return guidanceScale > 0 ? 2 : 1;
}

function numbersOf(request: RasterRequest, step: number): Uint32Array<ArrayBuffer> {
  const { seed, temperature, guidanceScale } = request;
  const address = { seed, step, masked: 0, nullRow: sequencesOf(request) - 1 || -1 };
  return packStepParams(stepParamsOf({ ...defaultSettings, temperature, guidanceScale }, address));
}

function checkRaster({ config }: Session, request: RasterRequest): void {
  const { transformer } = config;
  if (transformer?.order !== 'raster') throw new Failure('BadRequest', 'the model does not draw token by token');
  const ranges = settingRanges(config);
  checkNumber('classId', request.classId, { min: NULL_CLASS, max: transformer.classes - 1, whole: true });
  checkNumber('seed', request.seed, { min: 0, max: 0xffff_ffff, whole: true });
  checkNumber('temperature', request.temperature, ranges.temperature);
  checkNumber('guidanceScale', request.guidanceScale, ranges.guidanceScale);
}
