import type { BenchNews, BenchOrder } from '../../wire/bench.ts';

/** Measure a model on this device, in a worker that lives as long. @param model id of one that ships */
export function startBench(model: string, onNews: (news: BenchNews) => void): void {
  const worker = new Worker(new URL('../../bench/benchWorker.ts', import.meta.url), { type: 'module', name: 'bench' });
  const tell = (news: BenchNews): void => {
    if (news.kind !== 'doing') worker.terminate();
    onNews(news);
  };
  worker.addEventListener('message', ({ data }: MessageEvent<BenchNews>) => tell(data));
  worker.addEventListener('error', ({ message }) =>
    tell({ kind: 'failed', message: message || 'The worker stopped.' }),
  );
  const modelUrl = new URL(`models/${encodeURIComponent(model)}/model.json`, document.baseURI).href;
  const commit: string = import.meta.env.VITE_COMMIT;
  worker.postMessage({ modelUrl, commit } satisfies BenchOrder);
}
