import { useState } from 'react';
import type { BenchNews } from '../../wire/bench.ts';
import { startBench } from '../commands/bench.ts';
import styles from './BenchView.module.css';

/** How fast this device runs a model, kernel by kernel, and how much of what it can do at most that is. */
export function BenchView({ model }: { readonly model: string }) {
  const [news, setNews] = useState<BenchNews>();
  const isBusy = news?.kind === 'doing';
  const start = (): void => {
    setNews({ kind: 'doing', what: 'starting' });
    startBench(model, setNews);
  };
  return (
    <main className={styles.page}>
      <h1>How fast is this device?</h1>
      <p className={styles.soft}>
        Paints pictures with the model “{model}”, then measures what the graphics card can do at most and how near every
        step of the work comes to it. Takes seconds on a graphics card, a few minutes without one. Keep this page in
        front. Nothing is uploaded.
      </p>
      <p className={styles.actions}>
        <button type="button" className={styles.main} disabled={isBusy} onClick={start}>
          {isBusy ? 'Measuring…' : news ? 'Measure again' : 'Measure'}
        </button>
        <a href="./">Back to painting</a>
      </p>
      <output className={styles.soft}>{isBusy && news.what}</output>
      {news?.kind === 'failed' && (
        <p role="alert" className={styles.failed}>
          {news.message}
        </p>
      )}
      {news?.kind === 'done' && <Result {...news} model={model} />}
    </main>
  );
}

function Result({ table, json, model }: { readonly table: string; readonly json: string; readonly model: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard.writeText(json).then(() => setCopied(true));
  const href = `data:application/json;charset=utf-8,${encodeURIComponent(json)}`;
  return (
    <>
      <p className={styles.actions}>
        <a className={styles.other} href={href} download={`bench-${model}.json`}>
          Save as JSON
        </a>
        <button type="button" className={styles.other} onClick={copy}>
          {isCopied ? 'Copied' : 'Copy JSON'}
        </button>
      </p>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, by keyboard too */}
      <pre className={styles.table} tabIndex={0} aria-label="Result">
        {table}
      </pre>
    </>
  );
}
