import { describe, expect, it } from 'vitest';
import { Jobs } from './jobs.ts';

const never = new AbortController().signal;
const aborted = { name: 'AbortError' };

/** Work that lasts until it is told to stop or is released. */
function work(log: string[], name: string) {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const run = async (stop: AbortSignal, throwIfReplaced: () => void): Promise<string> => {
    log.push(name);
    await Promise.race([released, new Promise((resolve) => stop.addEventListener('abort', resolve))]);
    throwIfReplaced();
    return stop.aborted ? `${name} stopped` : name;
  };
  return { run, release };
}

describe('jobs', () => {
  it('lets the newest run win over those that run and those that wait', async () => {
    const [jobs, log] = [new Jobs(), [] as string[]];
    const [a, b, c] = [work(log, 'a'), work(log, 'b'), work(log, 'c')];
    const first = jobs.replace('run', never, a.run);
    await Promise.resolve();
    const second = jobs.replace('run', never, b.run);
    const third = jobs.replace('run', never, c.run);
    c.release();
    await expect(first).rejects.toMatchObject(aborted);
    await expect(second).rejects.toMatchObject(aborted);
    expect(await third).toBe('c');
    expect(log).toEqual(['a', 'c']);
  });

  it('lets a run wait for a load, and a load end both', async () => {
    const [jobs, log] = [new Jobs(), [] as string[]];
    const [load, run, other] = [work(log, 'load'), work(log, 'run'), work(log, 'other')];
    const loading = jobs.replace('load', never, load.run);
    const running = jobs.replace('run', never, run.run);
    load.release();
    expect(await loading).toBe('load');
    const replacing = jobs.replace('load', never, other.run);
    other.release();
    await expect(running).rejects.toMatchObject(aborted);
    expect(await replacing).toBe('other');
  });

  it('passes a stop on, which is no replacement', async () => {
    const stop = new AbortController();
    const { run } = work([], 'a');
    const running = new Jobs().replace('run', stop.signal, run);
    await Promise.resolve();
    stop.abort();
    expect(await running).toBe('a stopped');
  });

  it('lets queued work finish in order, also after one that failed', async () => {
    const [jobs, log] = [new Jobs(), [] as number[]];
    const failing = jobs.queue(async () => Promise.reject(new Error('broken')));
    const next = jobs.queue(async () => log.push(1));
    await expect(failing).rejects.toThrow('broken');
    await next;
    expect(log).toEqual([1]);
  });
});
