import { isAbort } from '../../core/failure.ts';
import { localUrl } from '../../core/localModel.ts';
import type { ModelCard } from '../../core/modelCard.ts';
import type { ImportOrder } from '../../wire/importer.ts';
import type { Made } from '../store/bringing.ts';
import { hired, sentenceOf } from './bring.ts';
import type { Desk } from './desk.ts';
import { listLocalModels } from './localModels.ts';
import { readRoom } from './localShelf.ts';
import { switchModel } from './start.ts';

/** Measure what int8 cost, unless somebody skips it; on a graphics card this takes seconds. The model is whole already. */
export async function measureLoss(desk: Desk, order: ImportOrder, made: Made): Promise<Made> {
  if (order.dtype !== 'int8' || order.model || !made.isNew) return made;
  const { bring } = desk.store.getState();
  const stop = (desk.stopCompare = new AbortController());
  const sinceMs = Date.now();
  bring({ conversion: { kind: 'comparing', progress: undefined, ms: 0 } });
  try {
    const { importer } = await hired(desk);
    const comparing = importer.compare(
      order,
      made.card.id,
      (progress) => {
        if (!stop.signal.aborted) bring({ conversion: { kind: 'comparing', progress, ms: Date.now() - sinceMs } });
      },
      stop.signal,
    );
    return { ...made, card: await orStop(comparing, stop.signal) };
  } catch (error) {
    return isAbort(error) ? made : { ...made, notCompared: sentenceOf(error) };
  } finally {
    delete desk.stopCompare;
  }
}

/** A pass over a large network may take minutes in software: who skips does not wait for its end. */
function orStop(comparing: Promise<ModelCard>, signal: AbortSignal): Promise<ModelCard> {
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  return Promise.race([comparing, stopped]);
}

/** Do without the measurement. */
export function skipComparison({ stopCompare }: Desk): void {
  stopCompare?.abort();
}

/** A model was made: it is offered, and used at once unless something is being painted. */
export async function finish(desk: Desk, made: Made): Promise<void> {
  const { store } = desk;
  const { card } = made;
  store.getState().offer({ local: await listLocalModels() });
  store.getState().bring({ conversion: { kind: 'done', made } });
  store.getState().announce(`${card.name} is on this device.`);
  await readRoom(desk);
  if (store.getState().job.kind === 'idle') await switchModel(desk, localUrl(card.id));
  else store.getState().notify(`${card.name} is ready; choose it under the model's name above.`);
}
