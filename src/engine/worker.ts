import { serve } from '../wire/connect.ts';
import { browserGpu } from './browserGpu.ts';
import { createEngine } from './engine.ts';
import { httpSource } from './httpSource.ts';

declare const self: DedicatedWorkerGlobalScope;

// Served at once, opened when asked: a message that finds no listener is lost.
const gpu = async (): Promise<GPU> => browserGpu(self);
serve(createEngine({ gpu, sourceOf: (url) => httpSource(new URL(url, self.location.href).href) }), self);
