import type { LoadStage } from '../../core/engine.ts';
import type { Machine } from '../store/machine.ts';

/** What the page says while it waits. */
export interface LoadWords {
  readonly now: string;
  readonly amount: string;
  readonly next: string;
  /** 0 … 1, or undefined where nobody knows. */
  readonly part?: number;
}

const stages: Record<Exclude<LoadStage, 'ready'>, { readonly now: string; readonly next: string }> = {
  manifest: { now: 'Asking for the model', next: 'Then it comes to your device, once.' },
  download: { now: 'Getting the model', next: 'Then your GPU is made ready. Nothing of yours leaves this device.' },
  verify: { now: 'Checking the model', next: 'Then your GPU is made ready.' },
  upload: { now: 'Handing it to your GPU', next: 'Then the GPU’s programs are built.' },
  compile: { now: 'Building the GPU’s programs', next: 'Then one run to warm up.' },
  warmUp: { now: 'Warming up', next: 'Then Generate paints.' },
};

/** In plain words what a machine that is not ready does; undefined when there is nothing to wait for. */
export function loadWords(machine: Machine): LoadWords | undefined {
  if (machine.kind === 'starting') {
    return { now: 'Looking for your GPU', amount: '', next: 'Then the model comes to your device.' };
  }
  if (machine.kind !== 'loading' || machine.progress.stage === 'ready') return undefined;
  const { stage, doneBytes, totalBytes, fromCache } = machine.progress;
  const { now, next } = stages[stage];
  const isDownload = stage === 'download' && totalBytes > 0;
  return {
    now: isDownload && fromCache ? 'Reading the model from this device' : now,
    next,
    amount: isDownload ? `${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB` : '',
    ...(isDownload ? { part: doneBytes / totalBytes } : {}),
  };
}

/** Bytes as megabytes for a person, one digit after the point. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
