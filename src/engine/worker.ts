import { Failure } from '../core/failure.ts';
import { serve } from '../wire/connect.ts';
import { createEngine } from './engine.ts';
import { httpSource } from './httpSource.ts';

declare const self: DedicatedWorkerGlobalScope;

/** The browser's GPU. Failures: InsecurePage, NoWebGpu. */
async function browserGpu(): Promise<GPU> {
  if (!self.isSecureContext) {
    throw new Failure('InsecurePage', 'WebGPU needs a secure page; open this page over https or from localhost.');
  }
  // Typed as always there, but Firefox on some systems and older browsers have none.
  const gpu = navigator.gpu as GPU | undefined;
  if (gpu === undefined)
    throw new Failure('NoWebGpu', 'This browser has no WebGPU; use a current Chrome, Edge or Safari.');
  return gpu;
}

// Served at once, opened when asked: a message that finds no listener is lost.
serve(createEngine({ gpu: browserGpu, sourceOf: (url) => httpSource(new URL(url, self.location.href).href) }), self);
