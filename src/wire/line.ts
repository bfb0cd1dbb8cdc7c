import type { Stop } from '../core/engine.ts';

/**
 * The line of one job across a worker boundary: events come one way, a stop goes the other, over one MessagePort.
 * Messages of a port keep their order, while comlink's answers travel on a port of their own and can overtake callbacks;
 * so the worker says 'end' on the line, and the page waits for it before it believes the answer.
 */
type Word = { readonly kind: 'event'; readonly event: unknown } | { readonly kind: 'end' } | { readonly kind: 'stop' };

/** What the caller's side may be given as a stop: an AbortSignal, or something that never stops. */
export type StopSource = Stop & Partial<Pick<AbortSignal, 'addEventListener' | 'removeEventListener'>>;

/** The caller's end. `port` goes to the worker; `ended` resolves once every event has been told. */
export interface CallerLine {
  readonly port: MessagePort;
  readonly ended: Promise<void>;
  /** Let go of the line, whether or not it ended. */
  close(): void;
}

export function callerLine<E>(onEvent: (event: E) => void, stop: StopSource): CallerLine {
  const { port1, port2 } = new MessageChannel();
  const say = (): void => port1.postMessage({ kind: 'stop' } satisfies Word);
  const ended = new Promise<void>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data.kind === 'event') onEvent(data.event as E);
      else resolve();
    };
  });
  if (stop.aborted) say();
  else stop.addEventListener?.('abort', say, { once: true });
  const close = (): void => {
    stop.removeEventListener?.('abort', say);
    port1.close();
  };
  return { port: port2, ended, close };
}

/** The worker's end: `tell` moves the event's buffers to the page, `signal` aborts when the page says stop. */
export interface WorkerLine<E> {
  readonly signal: AbortSignal;
  tell(event: E): void;
  /** Say that no event follows. The page closes the line. */
  end(): void;
}

export function workerLine<E extends object>(port: MessagePort): WorkerLine<E> {
  const controller = new AbortController();
  port.onmessage = ({ data }: MessageEvent<Word>) => data.kind === 'stop' && controller.abort();
  return {
    signal: controller.signal,
    tell: (event) => port.postMessage({ kind: 'event', event } satisfies Word, buffersOf(event)),
    end: () => port.postMessage({ kind: 'end' } satisfies Word),
  };
}

/** The buffers of the typed arrays that are fields of a record: moved across, not copied. */
export function buffersOf(record: object): ArrayBuffer[] {
  return Object.values(record).flatMap((value: unknown) =>
    ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : [],
  );
}
