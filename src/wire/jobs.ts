import { transfer } from 'comlink';
import type { Stop } from '../core/engine.ts';
import { callerLine, workerLine, type StopSource } from './line.ts';

/** Worker side: do a job over its line, and say when no event follows. */
export async function onLine<E extends object, R>(
  port: MessagePort,
  work: (tell: (event: E) => void, stop: Stop) => Promise<R>,
): Promise<R> {
  const line = workerLine<E>(port);
  try {
    return await work(line.tell, line.signal);
  } finally {
    line.end();
  }
}

/** Page side: how calls of one worker are made. */
export interface Calls {
  orFail<R>(call: Promise<R>): Promise<R>;
  /** A job with events; its answer is given out after the last of them. */
  withLine<E, R>(onEvent: (event: E) => void, stop: StopSource, call: (port: MessagePort) => Promise<R>): Promise<R>;
}

/** Comlink never settles a call whose worker has died, so every call also races `failure`, the worker's death. */
export function callsUntil(failure: Promise<never>): Calls {
  failure.catch(() => {}); // told to whoever is waiting; not an unhandled rejection
  const orFail: Calls['orFail'] = (call) => Promise.race([call, failure]);
  return {
    orFail,
    withLine: async (onEvent, stop, call) => {
      const line = callerLine(onEvent, stop);
      try {
        const answer = call(transfer(line.port, [line.port]));
        const settled = answer.catch(() => {}).then(() => line.ended);
        return await orFail(settled.then(() => answer));
      } finally {
        line.close();
      }
    },
  };
}
