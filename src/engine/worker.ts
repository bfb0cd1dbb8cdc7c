import { localId } from '../core/localModel.ts';
import { serve } from '../wire/connect.ts';
import { browserGpu } from './browserGpu.ts';
import { createEngine } from './engine.ts';
import { httpSource } from './httpSource.ts';
import { localSource } from './local/localSource.ts';
import type { ModelSource } from './source.ts';
import { browserTuning } from './tuning/browserTuning.ts';
import { Tuning } from './tuning/tuning.ts';

declare const self: DedicatedWorkerGlobalScope;

// Served at once, opened when asked: a message that finds no listener is lost.
const gpu = async (): Promise<GPU> => browserGpu(self);
const sourceOf = (url: string): ModelSource => {
  const id = localId(url);
  return id === undefined ? httpSource(new URL(url, self.location.href).href) : localSource(id);
};
const tuning = new Tuning(browserTuning(), self.navigator.userAgent);
serve(createEngine({ gpu, sourceOf, tuning }), self);
