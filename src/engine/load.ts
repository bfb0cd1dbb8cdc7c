import type { LoadProgress, LoadStage, Stop } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import { MASK } from '../core/grid.ts';
import type { ModelManifest } from '../core/manifest.ts';
import { parseManifest } from '../core/parseManifest.ts';
import { weightShapes } from '../core/weightShapes.ts';
import type { OpenDevice } from '../gpu/open.ts';
import type { Capabilities, Target } from '../program/capabilities.ts';
import type { Program } from '../program/program.ts';
import { bytesOf } from '../program/tensor.ts';
import { generateSteps } from './generate.ts';
import { recordDecode, recordEncode, recordLogits, recordStep, type Recorded } from './programs.ts';
import { MOST_STEPS_IN_FLIGHT, Session, stepKey } from './session.ts';
import type { ModelSource, ShardFile } from './source.ts';
import type { RecordWith } from './tuning/measureProducts.ts';
import { openWeightFiles, type WeightReader } from './weights.ts';
import { holdAsRecorded, weightTypeOf } from './weightType.ts';

/** How a model is loaded. */
export interface LoadOptions {
  readonly stop: Stop;
  readonly onProgress?: (progress: LoadProgress) => void;
  /**
   * Compile and fill what a picture takes now, and run it once (the page); else each part on its first use (the
   * command line, which may want one part only).
   */
  readonly ready: boolean;
  /** The variants of products that were measured to be the fastest on this adapter (tuning/tuning.ts). */
  readonly tuned?: (record: RecordWith) => Promise<Target['tuned']>;
}

/** A model that is loaded, and why its files will have to come again next time, where they will. */
export interface Loaded {
  readonly session: Session;
  readonly notKept?: 'full' | 'closed';
}

/**
 * Load a model onto a device: manifest, shards (verified), then weights. Pipelines compile while the shards come. What
 * is wrong with the files is found before anything runs on the GPU. Failures: Download, BadFile, Limits, OutOfMemory,
 * DeviceLost, Internal (the self-check).
 */
export async function loadSession(
  opened: OpenDevice,
  failure: Promise<never>,
  source: ModelSource,
  options: LoadOptions,
): Promise<Loaded> {
  const { stop } = options;
  const progress = new Progress(options.onProgress ?? (() => {}));
  progress.reach('manifest');
  const manifest = parseManifest(await source.manifest(stop), source.name);
  progress.totalBytes = manifest.shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let session = new Session(manifest, opened, failure, await targetOf(manifest, opened, options));
  let parts = options.ready ? readyParts(manifest, session.target) : {};
  const shards: ShardFile[] = [];
  let compiling: Promise<void> | undefined;
  try {
    checkLimits(Object.values(parts).map(programOf), opened.capabilities);
    compiling = session.compile(parts);
    compiling.catch(() => {}); // awaited below, when the shards are there
    await session.orLost(openShards(source, manifest, shards, progress, stop));
    const files = await openWeightFiles(shards);
    files.check(weightShapes(manifest.config));
    if (!areAsRecorded(files, session, parts)) {
      // Files of another kind than their size told: everything once more, widened.
      await compiling;
      await session.destroy();
      const { weights: _, ...widened } = session.target;
      session = new Session(manifest, opened, failure, widened);
      parts = options.ready ? readyParts(manifest, session.target) : {};
      compiling = session.compile(parts);
      compiling.catch(() => {});
    }
    session.useFiles(files, () => closeAll(shards));
    progress.reach('upload', 0);
    await session.upload(Object.values(parts).map(programOf), stop, (doneBytes) => progress.reach('upload', doneBytes));
    progress.reach('compile', progress.totalBytes);
    await compiling;
    if (options.ready) {
      progress.reach('warmUp', progress.totalBytes);
      await warmUp(session, stop);
    }
    progress.reach('ready', progress.totalBytes);
  } catch (error) {
    await compiling?.catch(() => {});
    await session.destroy();
    await closeAll(shards);
    throw error;
  }
  return { session, ...notKeptOf(shards) };
}

function notKeptOf(shards: readonly ShardFile[]): Pick<Loaded, 'notKept'> {
  const notKept = shards.find((shard) => shard.notKept !== undefined)?.notKept;
  return notKept ? { notKept } : {};
}

async function targetOf(
  manifest: ModelManifest,
  { capabilities }: OpenDevice,
  { tuned }: LoadOptions,
): Promise<Target> {
  const target: Target = { ...capabilities, weights: weightTypeOf(manifest) };
  const variants = await tuned?.(picturePrograms(manifest, target));
  return variants ? { ...target, tuned: variants } : target;
}

/** The programs of a picture, as they are recorded when these variants of their products were measured. */
export function picturePrograms(manifest: ModelManifest, target: Target): RecordWith {
  return (tuned) => Object.values(readyParts(manifest, { ...target, tuned })).map(programOf);
}

/** What a picture takes, with and without guidance. */
function readyParts({ config }: ModelManifest, target: Target): Record<string, Recorded<unknown>> {
  const { transformer, tokenizer } = config;
  const rows = transformer === undefined ? [] : transformer.nullClass ? [1, 2] : [1];
  const shapes = rows.map((count) => ({ rows: count, noise: 'generated' }) as const);
  const steps = shapes.map((shape) => [stepKey(shape), recordStep(config, target, shape)]);
  return { ...Object.fromEntries(steps), ...(tokenizer && { decode: recordDecode(config, target) }) };
}

/** Whether the files hold every weight as the session's programs keep it, those to come included. */
function areAsRecorded(
  files: WeightReader,
  { manifest, target }: Session,
  parts: Readonly<Record<string, Recorded<unknown>>>,
): boolean {
  const programs = [...Object.values(parts).map(programOf), ...laterPrograms(manifest, target)];
  return holdAsRecorded(files, target.weights ?? 'f32', programs);
}

/** What else a session may record, each on its first use. */
function laterPrograms({ config }: ModelManifest, target: Target): Program[] {
  const { transformer, tokenizer } = config;
  const logits = transformer ? [recordLogits(config, target)] : [];
  return [...logits, ...(tokenizer ? [recordDecode(config, target), recordEncode(config, target)] : [])].map(programOf);
}

function programOf({ program }: Recorded<unknown>): Program {
  return program;
}

/** No tensor is larger than the adapter holds or binds in one piece. Failure Limits with both numbers. */
function checkLimits(programs: readonly Program[], capabilities: Capabilities): void {
  const limit = Math.min(capabilities.maxBufferBytes, capabilities.maxStorageBufferBindingBytes);
  const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  for (const tensor of programs.flatMap(({ tensors }) => tensors)) {
    if (bytesOf(tensor) <= limit) continue;
    const sizes = `${tensor.label} needs ${mib(bytesOf(tensor))} in one piece; this adapter allows ${mib(limit)}`;
    throw new Failure('Limits', `The model is too large for this graphics adapter: ${sizes}. Choose a smaller model.`);
  }
}

async function openShards(
  source: ModelSource,
  { shards }: ModelManifest,
  open: ShardFile[],
  progress: Progress,
  stop: Stop,
): Promise<void> {
  let before = 0;
  for (const shard of shards) {
    stop.throwIfAborted();
    const watch = {
      stop,
      onBytes: (doneBytes: number, fromCache: boolean) => progress.reach('download', before + doneBytes, fromCache),
      onVerify: () => progress.reach('verify', before),
    };
    open.push(await source.open(shard, watch));
    before += shard.sizeBytes;
  }
  await source.keepOnly?.(shards);
}

async function closeAll(shards: readonly ShardFile[]): Promise<void> {
  for (const shard of shards) await shard.close();
}

/** How long all submitted steps together may keep a stop waiting. */
const STOP_WITHIN_MS = 200;

/** How long a submit may keep a GPU from drawing the page: one frame. */
const SUBMIT_MS = 16;

/**
 * What a submit may hold after a step of so many operations took so long. All of it in one where that is within a frame,
 * and on a software adapter, whose threads share the processors with the page whatever a submit holds.
 */
export function mostOperations(
  operations: number,
  ms: number,
  { isFallback }: Pick<Capabilities, 'isFallback'>,
): number {
  return isFallback || ms <= SUBMIT_MS ? Infinity : (operations * SUBMIT_MS) / ms;
}

/**
 * A step and a decode: pipelines are warm, and an adapter that computes nonsense is found now. Some drivers are right
 * only the first time that bind groups are used, so the step runs twice and must agree; software is spared that.
 */
async function warmUp(session: Session, stop: Stop): Promise<void> {
  const { config, manifest, opened } = session;
  const wrong = (what: string): never => {
    throw new Failure(
      'Internal',
      `This graphics adapter failed the self-check: ${what}; try another browser or driver.`,
    );
  };
  if (config.transformer === undefined) return;
  const settings = { ...manifest.sampler, steps: 1, startStep: 0, corrections: 0 };
  let first: Int32Array<ArrayBuffer> | undefined;
  const { counters } = session.memory;
  for (let round = 0; round < (opened.capabilities.isFallback ? 1 : 2); round++) {
    const operationsBefore = counters.operations;
    for await (const { guess, logProb, ms } of generateSteps(session, { classId: 0, seed: 1, settings }, stop)) {
      if (!logProb.every((value) => Number.isFinite(value) && value <= 1e-3)) wrong('a probability is none');
      if (guess.includes(MASK)) wrong('a token was not drawn');
      first ??= guess;
      if (guess.join() !== first.join()) wrong('two equal steps gave different tokens');
      session.stepsInFlight = Math.max(1, Math.min(MOST_STEPS_IN_FLIGHT, Math.floor(STOP_WITHIN_MS / ms)));
      session.mostOperations = mostOperations(counters.operations - operationsBefore, ms, opened.capabilities);
    }
  }
  if (config.tokenizer && !(await session.decode(first!)).every(Number.isFinite)) wrong('a pixel is no number');
}

/** Byte counts are told ten times a second at most, a new stage at once. */
class Progress {
  totalBytes = 0;
  readonly #tell: (progress: LoadProgress) => void;
  #stage: LoadStage | undefined;
  #toldMs = 0;

  constructor(tell: (progress: LoadProgress) => void) {
    this.#tell = tell;
  }

  reach(stage: LoadStage, doneBytes = 0, fromCache = false): void {
    const nowMs = performance.now();
    if (stage === this.#stage && nowMs - this.#toldMs < 100 && doneBytes < this.totalBytes) return;
    this.#stage = stage;
    this.#toldMs = nowMs;
    this.#tell({ stage, doneBytes, totalBytes: this.totalBytes, fromCache });
  }
}
