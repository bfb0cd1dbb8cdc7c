import { Failure } from '../core/failure.ts';
import { connectRacer } from '../wire/race.ts';
import type { HiredRacer } from './commands/desk.ts';

/** A racer in a worker of its own: the engine keeps its model, and what the race took is given back as a whole. */
export function hireRacer(): HiredRacer {
  const worker = new Worker(new URL('../engine/race/raceWorker.ts', import.meta.url), {
    type: 'module',
    name: 'unmask-race',
  });
  const failure = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => {
      reject(new Failure('Internal', `The race stopped: ${message || 'its worker could not start'}; open it again.`));
    });
  });
  return { racer: connectRacer(worker, failure), dismiss: () => worker.terminate() };
}
