import type { ProductChoice } from '../core/tuning.ts';
import { httpSource } from '../engine/httpSource.ts';
import { browserGpu } from '../engine/browserGpu.ts';
import { loadSession } from '../engine/load.ts';
import { failureOf } from '../gpu/lost.ts';
import { openDevice } from '../gpu/open.ts';
import type { BenchNews, BenchOrder } from '../wire/bench.ts';
import { browserTuning } from '../engine/tuning/browserTuning.ts';
import { Tuning } from '../engine/tuning/tuning.ts';
import { measure } from './measure.ts';
import { StageClock } from './stages.ts';
import { tableOf } from './table.ts';

const neverStop = { aborted: false, throwIfAborted: (): void => {} };
const scope = self as unknown as DedicatedWorkerGlobalScope;
const tell = (news: BenchNews): void => scope.postMessage(news);

scope.addEventListener('message', ({ data }: MessageEvent<BenchOrder>) => {
  run(data).then(tell, (error: unknown) =>
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});

async function run({ modelUrl, commit }: BenchOrder): Promise<BenchNews> {
  const opened = await openDevice(browserGpu(scope));
  const clock = new StageClock();
  const tuning = new Tuning(browserTuning(), navigator.userAgent);
  let products: readonly ProductChoice[] = [];
  const { session } = await loadSession(opened, failureOf(opened.device), httpSource(modelUrl), {
    stop: neverStop,
    ready: true,
    async tuned(record) {
      tell({ kind: 'doing', what: 'timing products' });
      const now = { turn: <R>(work: () => Promise<R>) => work(), isPast: () => false };
      ({ products } = await tuning.obey('complete', opened, record, now));
      return tuning.tuned(opened, record);
    },
    onProgress: ({ stage }) => {
      clock.reach(stage);
      tell({ kind: 'doing', what: `load: ${stage}` });
    },
  });
  try {
    const result = await measure(session, neverStop, { tell: (what) => tell({ kind: 'doing', what }) });
    const { id } = session.manifest;
    const browser = { userAgent: navigator.userAgent, cores: navigator.hardwareConcurrency };
    const report = {
      model: id,
      date: new Date().toISOString(),
      browser,
      commit,
      load: clock.times,
      ...result,
      products,
    };
    return {
      kind: 'done',
      table: tableOf(id, result, { load: clock.times, products }),
      json: JSON.stringify(report, null, 2),
    };
  } finally {
    await session.destroy();
  }
}
