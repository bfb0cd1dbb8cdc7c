import type { Stop } from '../core/engine.ts';

/** One job at a time. A job that replaces ends the ones before it; the others wait their turn. */
export class Jobs {
  #tail: Promise<unknown> = Promise.resolve();
  #replaced: AbortController | undefined;

  /** Run after everything that was asked for before, and let it finish. */
  queue<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => {});
    return turn;
  }

  /**
   * Run as the newest job: running and waiting jobs of this kind are replaced, which they see as a stop, and reject
   * with AbortError. `work` gets a stop that is also set when the job is replaced, and a check for the latter alone.
   */
  replace<T>(stop: Stop, work: (stopOrReplaced: AbortSignal, throwIfReplaced: () => void) => Promise<T>): Promise<T> {
    const replaced = new AbortController();
    this.#replaced?.abort(new DOMException('A newer job took the place of this one.', 'AbortError'));
    this.#replaced = replaced;
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
