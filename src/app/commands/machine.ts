import { failureName, isAbort } from '../../core/failure.ts';
import type { ProblemName } from '../store/machine.ts';
import type { Desk } from './desk.ts';

/** A second loss of the GPU within this time is told instead of repaired. */
const LOSS_PATIENCE_MS = 60_000;

/** Open a GPU and load the model. What goes wrong becomes the page's problem; true when the engine is ready. */
export async function startMachine(desk: Desk): Promise<boolean> {
  const { store, seat, modelUrl } = desk;
  const { setMachine, setAdapter, report } = store.getState();
  setMachine({ kind: 'starting' });
  report(undefined);
  const engine = seat.engine;
  // What a dismissed engine or the load of another model still tells changes nothing.
  const isPast = (): boolean => seat.engine !== engine || desk.modelUrl !== modelUrl;
  try {
    setAdapter(await engine.open());
    const { weightBytes, scratchBytes, loadMs, picturesAtOnce, notKept } = await engine.load(
      modelUrl,
      (progress) => {
        if (!isPast()) setMachine({ kind: 'loading', progress });
      },
      new AbortController().signal,
    );
    if (isPast()) return false;
    setMachine({ kind: 'ready', model: { weightBytes, scratchBytes, loadMs, picturesAtOnce } });
    store.getState().announce('The model is ready. Generate makes a picture.');
    if (notKept === 'full') report({ name: 'Quota', message: 'The storage for this site is full.' });
    return true;
  } catch (error) {
    // The load of another model took its place: that one tells how it goes.
    if (isPast() || isAbort(error)) return false;
    setMachine({ kind: 'failed' });
    reportError(desk, error);
    return false;
  }
}

/** Begin again with a new worker: after a failure, on the visitor's word. */
export async function restartMachine(desk: Desk): Promise<boolean> {
  desk.seat.renew();
  return startMachine(desk);
}

/** After a lost device: start anew once; true when the job can be repeated. */
export async function recover(desk: Desk, error: unknown): Promise<boolean> {
  const nowMs = Date.now();
  const again = desk.lostAtMs !== undefined && nowMs - desk.lostAtMs < LOSS_PATIENCE_MS;
  desk.lostAtMs = nowMs;
  if (again) {
    desk.store.getState().setMachine({ kind: 'failed' });
    reportError(desk, error);
    return false;
  }
  desk.store.getState().notify('The GPU went away. Starting it again; nothing is lost.');
  return restartMachine(desk);
}

/** Turn an error into the problem that the page explains. A stop is none. */
export function reportError({ store }: Desk, error: unknown): void {
  if (isAbort(error)) return;
  const message = error instanceof Error ? error.message : String(error);
  let name: ProblemName = failureName(error);
  if (name === 'Download' && globalThis.navigator?.onLine === false) name = 'Offline';
  store.getState().report({ name, message });
}

/** Resolves when the engine is ready (true), has failed or the stop was pressed (false). */
export function whenReady({ store }: Desk, stop: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (ready: boolean): void => {
      unsubscribe();
      stop.removeEventListener('abort', aborted);
      resolve(ready);
    };
    const look = (): void => {
      const { kind } = store.getState().machine;
      if (kind === 'ready') settle(true);
      if (kind === 'failed') settle(false);
    };
    const aborted = (): void => settle(false);
    const unsubscribe = store.subscribe(look);
    stop.addEventListener('abort', aborted);
    if (stop.aborted) settle(false);
    else look();
  });
}
