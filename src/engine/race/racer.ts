import type { Stop } from '../../core/engine.ts';
import { Failure } from '../../core/failure.ts';
import { positionCount } from '../../core/grid.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import type { SamplerSettings } from '../../core/request.ts';
import { failureOf } from '../../gpu/lost.ts';
import type { OpenDevice } from '../../gpu/open.ts';
import type { LaneOrder, LanePass, LaneResult, Racer } from '../../wire/race.ts';
import { generateSteps } from '../generate.ts';
import { loadSession, type LoadOptions } from '../load.ts';
import { pictureOf } from '../picture.ts';
import { rasterSteps, type RasterRequest } from '../raster.ts';
import { MOST_STEPS_IN_FLIGHT, type Session } from '../session.ts';
import type { ModelSource } from '../source.ts';
import { Tuning } from '../tuning/tuning.ts';

/** What the racer takes from its host. */
export interface RacerHost {
  readonly openDevice: () => Promise<OpenDevice>;
  readonly sourceOf: (url: string) => ModelSource;
  /** What was measured for ordinary painting holds here too. */
  readonly tuning?: Tuning;
}

/** What a pass of either kind of run tells. */
type Pass = Omit<LanePass, 'pass' | 'passes' | 'atMs'> & { readonly step: number; readonly steps: number };

/** All lanes run on one device, one after the other; the caller sees to that. */
export function createRacer(host: RacerHost): Racer {
  let device: Promise<OpenDevice & { readonly failure: Promise<never> }> | undefined;
  const tuning = host.tuning ?? new Tuning();
  const sessions = new Map<'masked' | 'causal', Session>();
  const open = async () => {
    const opened = await host.openDevice();
    const failure = failureOf(opened.device);
    failure.catch(() => {});
    return { ...opened, failure };
  };
  return {
    async load(url, onProgress, stop) {
      const opened = await (device ??= open());
      const session = await loadLane(opened, host.sourceOf(url), tuning, { stop, onProgress });
      sessions.set(session.config.transformer?.order === 'raster' ? 'causal' : 'masked', session);
    },
    async run(order, onPass, stop) {
      const session = sessions.get(order.kind === 'cached' ? 'causal' : 'masked');
      if (session === undefined)
        throw new Failure('BadRequest', `nothing was loaded that runs in the lane ${order.kind}`);
      return runLane(session, order, onPass, stop);
    },
  };
}

async function loadLane(
  opened: OpenDevice & { readonly failure: Promise<never> },
  source: ModelSource,
  tuning: Tuning,
  watch: Pick<LoadOptions, 'stop' | 'onProgress'>,
): Promise<Session> {
  const json = await source.manifest(watch.stop);
  const isRaster = (json as Partial<ModelManifest>).config?.transformer?.order === 'raster';
  const known: ModelSource = { ...source, manifest: async () => json };
  const tuned: LoadOptions['tuned'] = (record) => tuning.tuned(opened, record);
  const options = isRaster ? { ...watch, ready: false } : { ...watch, ready: true, tuned };
  const { session } = await loadSession(opened, opened.failure, known, options);
  if (isRaster) await warmUp(session, watch.stop);
  return session;
}

/** How long all submitted passes together may keep a stop waiting; as in load. */
const STOP_WITHIN_MS = 200;

/** A whole run and its decode, so that the first race finds everything compiled; then as many passes ahead as a stop allows. */
async function warmUp(session: Session, stop: Stop): Promise<void> {
  let ms = 0;
  let count = 0;
  for await (const record of passesOf(session, { kind: 'cached', classId: 0, seed: 1 }, stop)) {
    ms += count++ > 0 ? record.ms : 0;
    stop.throwIfAborted();
  }
  session.stepsInFlight = Math.max(1, Math.min(MOST_STEPS_IN_FLIGHT, Math.floor((STOP_WITHIN_MS * (count - 1)) / ms)));
  await session.decode(new Int32Array(positionCount(session.config.grid)));
}

async function runLane(
  session: Session,
  order: LaneOrder,
  onPass: (pass: LanePass) => void,
  stop: Stop,
): Promise<LaneResult> {
  let tokens = new Int32Array();
  let passes = 0;
  const sinceMs = performance.now();
  let ms = 0;
  for await (const { step, steps, ...pass } of passesOf(session, order, stop)) {
    ms = performance.now() - sinceMs;
    stop.throwIfAborted();
    tokens = pass.tokens.slice(); // who gets the event may move its arrays away
    passes = step + 1;
    const { guess, logProb } = pass;
    onPass({ tokens: pass.tokens, guess, logProb, pass: passes, passes: steps, atMs: ms });
  }
  stop.throwIfAborted(); // a run that is stopped between two passes ends without a word
  const picture = pictureOf(await session.decode(tokens), session.config.image.size);
  return { passes, ms, picture };
}

async function* passesOf(
  session: Session,
  { kind, classId, seed }: LaneOrder,
  stop: Stop,
): AsyncGenerator<Pass & { readonly ms: number }> {
  if (kind !== 'cached') {
    const { sampler } = session.manifest;
    const settings = kind === 'parallel' ? sampler : oneByOne(sampler, positionCount(session.config.grid));
    yield* generateSteps(session, { classId, seed, settings }, stop);
    return;
  }
  for await (const { step, steps, tokens, logProb, ms } of rasterSteps(
    session,
    rasterRequest(session, classId, seed),
    stop,
  )) {
    yield { step, steps, tokens, guess: tokens.slice(), logProb, ms };
  }
}

/** One token a pass, row by row: as many steps as there are positions, of which a linear schedule fixes one each. */
export function oneByOne(sampler: SamplerSettings, positions: number): SamplerSettings {
  return { ...sampler, steps: positions, startStep: 0, schedule: 'linear', order: 'raster', corrections: 0 };
}

function rasterRequest({ manifest }: Session, classId: number, seed: number): RasterRequest {
  const { temperature, guidanceScale } = manifest.sampler;
  return { classId, seed, temperature, guidanceScale };
}
