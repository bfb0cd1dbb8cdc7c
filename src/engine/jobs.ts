import type { Stop } from '../core/engine.ts';

/** A load ends loads and runs before it; a run ends runs before it and waits for a load. */
export type JobKind = 'load' | 'run';

/** One job at a time. The newest wins; jobs that are queued wait their turn and are let finish. */
export class Jobs {
  #tail: Promise<unknown> = Promise.resolve();
  readonly #newest = new Map<JobKind, AbortController>();

  /** Run after everything that was asked for before, and let it finish. */
  queue<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => {});
    return turn;
  }

  /**
   * Run as the newest job of its kind: the jobs that it replaces, running or waiting, see a stop and reject with
   * AbortError. `work` gets a stop that is also set when the job is replaced, and a check for the latter alone.
   */
  replace<T>(
    kind: JobKind,
    stop: Stop,
    work: (stopOrReplaced: AbortSignal, throwIfReplaced: () => void) => Promise<T>,
  ): Promise<T> {
    for (const other of kind === 'load' ? (['load', 'run'] as const) : (['run'] as const)) {
      this.#newest.get(other)?.abort(new DOMException('A newer job took the place of this one.', 'AbortError'));
    }
    const replaced = new AbortController();
    this.#newest.set(kind, replaced);
    const throwIfReplaced = (): void => replaced.signal.throwIfAborted();
    return this.queue(async () => {
      throwIfReplaced();
      const { signal, release } = either(stop, replaced.signal);
      return work(signal, throwIfReplaced).finally(release);
    });
  }
}

/** A signal that aborts with either, until released; a stop that is no AbortSignal is asked once, now. */
function either(stop: Stop, replaced: AbortSignal): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const sources = [stop, replaced].filter((source) => source instanceof AbortSignal);
  const abort = (): void => controller.abort(sources.find(({ aborted }) => aborted)?.reason);
  for (const source of sources) source.addEventListener('abort', abort, { once: true });
  if (stop.aborted || replaced.aborted) abort();
  const release = (): void => sources.forEach((source) => source.removeEventListener('abort', abort));
  return { signal: controller.signal, release };
}
