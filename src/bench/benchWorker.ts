/// <reference lib="webworker" />
import { httpSource } from '../engine/httpSource.ts';
import { browserGpu } from '../engine/browserGpu.ts';
import { loadSession } from '../engine/load.ts';
import { failureOf } from '../gpu/lost.ts';
import { openDevice } from '../gpu/open.ts';
import { measure } from './measure.ts';
import { StageClock } from './stages.ts';
import { tableOf } from './table.ts';

/** What the page of `?bench` hears: what is being done, then the result or the reason why there is none. */
export type BenchNews =
  | { readonly kind: 'doing'; readonly what: string }
  | { readonly kind: 'done'; readonly table: string; readonly json: string }
  | { readonly kind: 'failed'; readonly message: string };

/** What the page asks for: the address of a model.json, and what a result must name to be compared. */
export interface BenchOrder {
  readonly modelUrl: string;
  readonly commit: string;
}

const neverStop = { aborted: false, throwIfAborted: (): void => {} };
const scope = self as unknown as DedicatedWorkerGlobalScope;
const tell = (news: BenchNews): void => scope.postMessage(news);

scope.addEventListener('message', ({ data }: MessageEvent<BenchOrder>) => {
  run(data).then(tell, (error: unknown) => tell({ kind: 'failed', message: String(error) }));
});

async function run({ modelUrl, commit }: BenchOrder): Promise<BenchNews> {
  const opened = await openDevice(browserGpu(scope));
  const clock = new StageClock();
  const { session } = await loadSession(opened, failureOf(opened.device), httpSource(modelUrl), {
    stop: neverStop,
    ready: true,
    onProgress: ({ stage }) => {
      clock.reach(stage);
      tell({ kind: 'doing', what: `load: ${stage}` });
    },
  });
  try {
    const result = await measure(session, neverStop, (what) => tell({ kind: 'doing', what }));
    const { id } = session.manifest;
    const browser = { userAgent: navigator.userAgent, cores: navigator.hardwareConcurrency };
    const report = { model: id, date: new Date().toISOString(), browser, commit, load: clock.times, ...result };
    return { kind: 'done', table: tableOf(id, result, { load: clock.times }), json: JSON.stringify(report, null, 2) };
  } finally {
    await session.destroy();
  }
}
