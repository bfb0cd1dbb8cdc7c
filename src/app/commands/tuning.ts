import type { TuningOrder } from '../../core/tuning.ts';
import type { Desk } from './desk.ts';
import { reportError } from './machine.ts';

/** So long nothing may have been asked of the engine before it measures by itself. */
const REST_MS = 4000;

/**
 * Measure what was never measured on this device, once a model is ready and the engine has been at rest for a while:
 * never before the first picture, and what it finds is used from the next load on.
 */
export function measureAtRest(desk: Desk, restMs = REST_MS): () => void {
  let measured: unknown;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isAtRest = (): boolean => {
    const { machine, job, dialog } = desk.store.getState();
    // A race is timed on the same GPU, by a worker of its own.
    const isIdle = job.kind === 'idle' && dialog !== 'race';
    return machine.kind === 'ready' && machine.model !== measured && isIdle;
  };
  const measure = (): void => {
    timer = undefined;
    const { machine } = desk.store.getState();
    if (machine.kind !== 'ready') return;
    measured = machine.model;
    // Nobody asked: what goes wrong will be met, and told, by the next run.
    obey(desk, 'complete').catch(() => undefined);
  };
  const unsubscribe = desk.store.subscribe(() => {
    if (isAtRest()) timer ??= setTimeout(measure, restMs);
    else if (timer !== undefined) timer = void clearTimeout(timer);
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}

/** Measure all of it again, or forget it, at somebody's word. */
export async function orderTuning(desk: Desk, order: Exclude<TuningOrder, 'complete'>): Promise<void> {
  await obey(desk, order).catch((error: unknown) => reportError(desk, error));
}

async function obey({ store, seat }: Desk, order: TuningOrder): Promise<void> {
  const { measure, setTuning, tuning } = store.getState();
  if (order === 'complete' || order === 'anew') measure();
  try {
    setTuning(await seat.engine.tuning(order));
  } catch (error) {
    setTuning(tuning);
    throw error;
  }
}
