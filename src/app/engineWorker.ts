import type { Engine } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import { connect } from '../wire/connect.ts';
import type { EngineSeat } from './commands/desk.ts';

/** An engine in a worker of its own, and how to end both. */
interface Hired {
  readonly engine: Engine;
  dismiss(): void;
}

/** A seat whose engine works in a Web Worker; `renew` ends the worker, whatever it does, and starts another one. */
export function workerSeat(hire: () => Hired = hireWorker): EngineSeat {
  let hired = hire();
  return {
    get engine() {
      return hired.engine;
    },
    renew() {
      hired.dismiss();
      hired = hire();
    },
  };
}

/** The one place where the page knows of the engine's room: as a URL, so nothing is imported across the wall. */
function hireWorker(): Hired {
  const worker = new Worker(new URL('../engine/worker.ts', import.meta.url), { type: 'module', name: 'unmask-engine' });
  const failure = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => {
      const where = event.filename ? ` (${event.filename}:${event.lineno})` : '';
      reject(new Failure('Internal', `The engine stopped: ${event.message || 'its worker could not start'}${where}.`));
    });
    worker.addEventListener('messageerror', () => {
      reject(new Failure('Internal', 'A message of the engine could not be read; start it again.'));
    });
  });
  failure.catch(() => undefined); // told to whoever calls, by connect
  return { engine: connect(worker, failure), dismiss: () => worker.terminate() };
}
