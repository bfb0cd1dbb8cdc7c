import { expose, transfer, wrap, type Endpoint } from 'comlink';
import type { BatchStepEvent, Engine, LoadProgress, StepEvent } from '../core/engine.ts';
import { callsUntil, onLine } from './jobs.ts';
import { buffersOf } from './line.ts';

/** The engine as it crosses: callbacks and stops become one port a job. */
interface Served {
  open: Engine['open'];
  load(url: string, line: MessagePort): ReturnType<Engine['load']>;
  generate(request: Parameters<Engine['generate']>[0], line: MessagePort): ReturnType<Engine['generate']>;
  generateBatch(
    request: Parameters<Engine['generateBatch']>[0],
    line: MessagePort,
  ): ReturnType<Engine['generateBatch']>;
  encode: Engine['encode'];
  decode: Engine['decode'];
  topCodes: Engine['topCodes'];
  likelihoods: Engine['likelihoods'];
  tuning: Engine['tuning'];
}

/** Worker side: answer the calls that arrive at `end` with this engine. Arrays of answers are moved, not copied. */
export function serve(engine: Engine, end: Endpoint): void {
  const served: Served = {
    open: () => engine.open(),
    load: (url, port) => onLine<LoadProgress, unknown>(port, (tell, stop) => engine.load(url, tell, stop)) as never,
    generate: async (request, port) => {
      const result = await onLine<StepEvent, Awaited<ReturnType<Engine['generate']>>>(port, (tell, stop) =>
        engine.generate(request, tell, stop),
      );
      return transfer(result, [...buffersOf(result), result.picture.rgba.buffer]);
    },
    generateBatch: async (request, port) => {
      const results = await onLine<BatchStepEvent, Awaited<ReturnType<Engine['generateBatch']>>>(port, (tell, stop) =>
        engine.generateBatch(request, tell, stop),
      );
      return transfer(
        results,
        results.flatMap((result) => [...buffersOf(result), result.picture.rgba.buffer]),
      );
    },
    encode: async (picture) => {
      const tokens = await engine.encode(picture);
      return transfer(tokens, [tokens.buffer]);
    },
    topCodes: (query, count) => engine.topCodes(query, count),
    likelihoods: (tokens, classId) => engine.likelihoods(tokens, classId),
    tuning: (order) => engine.tuning(order),
    decode: async (tokens) => {
      const picture = await engine.decode(tokens);
      return transfer(picture, buffersOf(picture));
    },
  };
  expose(served, end);
}

/**
 * Page side: an engine whose work happens behind `end`. Comlink never settles a call whose worker has died, so every
 * call also races `failure`. An answer is given out after the job's last event, and failures keep their name.
 */
export function connect(end: Endpoint, failure: Promise<never>): Engine {
  const remote = wrap<Served>(end) as unknown as Served;
  const { orFail, withLine } = callsUntil(failure);
  return {
    open: () => orFail(remote.open()),
    load: (url, onProgress, stop) => withLine(onProgress, stop, (port) => remote.load(url, port)),
    generate: (request, onStep, stop) => withLine(onStep, stop, (port) => remote.generate(request, port)),
    generateBatch: (request, onStep, stop) => withLine(onStep, stop, (port) => remote.generateBatch(request, port)),
    encode: (picture) => orFail(remote.encode(picture)),
    decode: (tokens) => orFail(remote.decode(tokens)),
    topCodes: (query, count) => orFail(remote.topCodes(query, count)),
    likelihoods: (tokens, classId) => orFail(remote.likelihoods(tokens, classId)),
    tuning: (order) => orFail(remote.tuning(order)),
  };
}
