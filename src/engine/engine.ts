import { batchOf, checkBatch } from '../core/batch.ts';
import type { AdapterReport, Engine, GenerateResult, LoadedModel, StepEvent, Stop } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import type { TuningOrder, TuningReport } from '../core/tuning.ts';
import { failureOf } from '../gpu/lost.ts';
import { openDevice, type OpenDevice } from '../gpu/open.ts';
import { usualPicturesAtOnce } from './atOnce.ts';
import { Jobs } from './jobs.ts';
import { loadSession, picturePrograms } from './load.ts';
import { likelihoods, lookAt } from './look.ts';
import { paintBatch } from './paint.ts';
import { pictureOf, pixelsOf } from './picture.ts';
import type { Session } from './session.ts';
import type { ModelSource } from './source.ts';
import { Tuning } from './tuning/tuning.ts';

/** What the engine takes from its host. */
export interface EngineHost {
  /** The host's GPU. Failures: NoWebGpu, InsecurePage, NoAdapter. */
  readonly gpu: () => Promise<GPU>;
  /** Where the model of a URL is read from. */
  readonly sourceOf: (url: string) => ModelSource;
  /** What is known of the speed of this host's adapters; in memory only when absent. */
  readonly tuning?: Tuning;
}

interface Opened extends OpenDevice {
  /** Rejects when the device is lost. */
  readonly failure: Promise<never>;
}

/** The engine of core/engine.ts on a GPU: in the page's worker, and in Node. */
export function createEngine(host: EngineHost): Engine {
  return new GpuEngine(host);
}

class GpuEngine implements Engine {
  readonly #host: EngineHost;
  readonly #jobs = new Jobs();
  readonly #tuning: Tuning;
  #opened: Promise<Opened> | undefined;
  #session: Session | undefined;

  constructor(host: EngineHost) {
    this.#host = host;
    this.#tuning = host.tuning ?? new Tuning();
  }

  async open(): Promise<AdapterReport> {
    return (await this.#device()).report;
  }

  load(url: string, onProgress: Parameters<Engine['load']>[1], stop: Stop): Promise<LoadedModel> {
    return this.#jobs.replace('load', stop, async (stopOrReplaced) => {
      const sinceMs = performance.now();
      await this.#free();
      const opened = await this.#device();
      const source = this.#host.sourceOf(url);
      const loaded = await loadSession(opened, opened.failure, source, {
        stop: stopOrReplaced,
        onProgress,
        ready: true,
        tuned: (record) => this.#tuning.tuned(opened, record),
      });
      const { session, notKept } = loaded;
      this.#session = session;
      opened.failure.catch(() => this.#session === session && void this.#free());
      const { weights, scratch } = session.memory.bytes;
      return {
        manifest: session.manifest,
        grid: session.config.grid,
        adapter: opened.report,
        weightBytes: weights,
        scratchBytes: scratch,
        loadMs: performance.now() - sinceMs,
        picturesAtOnce: usualPicturesAtOnce(session),
        ...(notKept && { notKept }),
      };
    });
  }

  generate(
    request: Parameters<Engine['generate']>[0],
    onStep: Parameters<Engine['generate']>[1],
    stop: Stop,
  ): Promise<GenerateResult> {
    return this.#jobs.replace('run', stop, async (stopOrReplaced, throwIfReplaced) => {
      const tell = ([event]: readonly StepEvent[]): void => onStep(event!);
      const watch = { onStep: tell, stop: stopOrReplaced, throwIfReplaced };
      return (await paintBatch(this.#loaded(), batchOf([request]), watch))[0]!;
    });
  }

  generateBatch(
    request: Parameters<Engine['generateBatch']>[0],
    onStep: Parameters<Engine['generateBatch']>[1],
    stop: Stop,
  ): Promise<GenerateResult[]> {
    return this.#jobs.replace('run', stop, async (stopOrReplaced, throwIfReplaced) => {
      const session = this.#loaded();
      checkBatch(request, session.config);
      const tell = (events: readonly StepEvent[], first: number): void =>
        events.forEach((event, i) => onStep({ ...event, picture: first + i }));
      return paintBatch(session, request, { onStep: tell, stop: stopOrReplaced, throwIfReplaced });
    });
  }

  encode(picture: Parameters<Engine['encode']>[0]): ReturnType<Engine['encode']> {
    return this.#jobs.queue(async () => {
      const session = this.#loaded();
      return (await session.encode(pixelsOf(picture, session.config.image.size))).tokens;
    });
  }

  decode(tokens: Int32Array): ReturnType<Engine['decode']> {
    return this.#jobs.queue(async () => {
      const session = this.#loaded();
      return pictureOf(await session.decode(tokens), session.config.image.size);
    });
  }

  topCodes(...[query, count]: Parameters<Engine['topCodes']>): ReturnType<Engine['topCodes']> {
    return this.#jobs.queue(() => lookAt(this.#loaded(), query, count));
  }

  likelihoods(...[tokens, classId]: Parameters<Engine['likelihoods']>): ReturnType<Engine['likelihoods']> {
    return this.#jobs.queue(() => likelihoods(this.#loaded(), tokens, classId));
  }

  async tuning(order: TuningOrder): Promise<TuningReport> {
    const session = await this.#jobs.queue(async () => this.#loaded());
    const { opened, manifest, target } = session;
    return this.#tuning.obey(order, opened, picturePrograms(manifest, target), {
      turn: (work) => this.#jobs.queue(() => session.orLost(work())),
      isPast: () => this.#session !== session,
    });
  }

  #loaded(): Session {
    if (this.#session === undefined) throw new Failure('DeviceLost', 'There is no model on the GPU; load it again.');
    return this.#session;
  }

  /** The device; a lost or broken one is never used again, the next caller opens another. */
  #device(): Promise<Opened> {
    if (this.#opened !== undefined) return this.#opened;
    const opening = this.#openDevice();
    this.#opened = opening;
    const forget = (): void => {
      if (this.#opened === opening) this.#opened = undefined;
    };
    opening.then(
      ({ device, failure }) =>
        failure.catch(() => {
          forget();
          device.destroy();
        }),
      forget,
    );
    return opening;
  }

  async #openDevice(): Promise<Opened> {
    const opened = await openDevice(await this.#host.gpu());
    return { ...opened, failure: failureOf(opened.device) };
  }

  async #free(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.destroy();
  }
}
