import { Failure } from '../core/failure.ts';
import { connectImporter } from '../wire/importer.ts';
import type { HiredImporter } from './commands/desk.ts';

/** An importer in a worker of its own: its memory is given back as a whole when it is dismissed. */
export function hireImporter(): HiredImporter {
  const worker = new Worker(new URL('../engine/local/importWorker.ts', import.meta.url), {
    type: 'module',
    name: 'unmask-importer',
  });
  const failure = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => {
      reject(new Failure('Internal', `The import stopped: ${message || 'its worker could not start'}; try again.`));
    });
  });
  return { importer: connectImporter(worker, failure), dismiss: () => worker.terminate() };
}
