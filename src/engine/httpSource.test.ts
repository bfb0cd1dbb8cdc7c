import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RangedFile } from '../formats/ranged.ts';
import { MemoryStore } from '../testing/memoryStore.ts';
import { httpSource } from './httpSource.ts';
import type { ShardWatch } from './source.ts';

const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i * 7);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const shard = { file: 'weights.safetensors', sizeBytes: bytes.length, sha256 };
const url = 'https://models.example/mini/model.json';

/** A server that gives these answers one after the other, in pieces of 999 bytes. */
function server(...answers: (Uint8Array | Response | Error)[]) {
  const asked: string[] = [];
  const fetch = (async (address: string) => {
    asked.push(address);
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked too often');
    if (answer instanceof Response) return answer;
    let at = 0;
    const pull = (controller: ReadableStreamDefaultController): void => {
      if (at >= answer.length) return controller.close();
      controller.enqueue(answer.slice(at, (at += 999)));
    };
    return new Response(new ReadableStream({ pull }));
  }) as typeof globalThis.fetch;
  return { fetch, asked };
}

function watching(stop: AbortSignal = new AbortController().signal) {
  const counts: [number, boolean][] = [];
  const watch: ShardWatch = { stop, onBytes: (done, cached) => counts.push([done, cached]), onVerify: () => {} };
  return { watch, counts };
}

const whole = async (file: RangedFile): Promise<Uint8Array> => file.read(0, file.sizeBytes);

describe('a model behind a URL', () => {
  it('comes once, with its progress, and from the storage the next time', async () => {
    const store = new MemoryStore();
    const { fetch, asked } = server(bytes);
    const source = (): ReturnType<typeof httpSource> => httpSource(url, { fetch, openStore: async () => store });
    const first = watching();
    const file = await source().open(shard, first.watch);
    expect(await whole(file)).toEqual(bytes);
    expect(file.notKept).toBeUndefined();
    expect(first.counts.at(-1)).toEqual([5000, false]);
    expect(first.counts.map(([done]) => done)).toEqual([999, 1998, 2997, 3996, 4995, 5000]);
    const second = watching();
    expect(await whole(await source().open(shard, second.watch))).toEqual(bytes);
    expect(second.counts).toEqual([[5000, true]]);
    expect(asked).toEqual(['https://models.example/mini/weights.safetensors']);
  });

  it.each([
    ['spoilt', bytes.map((b, i) => (i === 4000 ? b + 1 : b))],
    ['cut short', bytes.slice(0, 4000)],
  ])('fetches a stored copy that is %s again, once', async (_, spoilt) => {
    const store = new MemoryStore();
    store.files.set(sha256, spoilt);
    const { fetch, asked } = server(bytes);
    const file = await httpSource(url, { fetch, openStore: async () => store }).open(shard, watching().watch);
    expect(await whole(file)).toEqual(bytes);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['of another hash', bytes.map((b) => b ^ 1), /sha256/],
    ['truncated', bytes.slice(0, 1234), /1234 bytes where model.json says 5000/],
    ['too long', Uint8Array.from([...bytes, ...bytes]), /where model.json says 5000/],
  ])('refuses a shard %s, by name and numbers, and keeps nothing of it', async (_, wrong, message) => {
    const store = new MemoryStore();
    const { fetch } = server(wrong);
    const opening = httpSource(url, { fetch, openStore: async () => store }).open(shard, watching().watch);
    await expect(opening).rejects.toMatchObject({ name: 'BadFile', message: expect.stringMatching(message) });
    await expect(opening).rejects.toThrow('weights.safetensors');
    expect(store.files.size).toBe(0);
  });

  it('goes on in memory when the storage is full, and says so', async () => {
    const store = new MemoryStore(2000);
    const { fetch } = server(bytes);
    const file = await httpSource(url, { fetch, openStore: async () => store }).open(shard, watching().watch);
    expect(await whole(file)).toEqual(bytes);
    expect(file.notKept).toBe('full');
    expect(store.files.size).toBe(0);
  });

  it('works in memory where there is no storage, and says so', async () => {
    const { fetch } = server(bytes);
    const file = await httpSource(url, { fetch, openStore: async () => undefined }).open(shard, watching().watch);
    expect(await whole(file)).toEqual(bytes);
    expect(file.notKept).toBe('closed');
  });

  it('stops between two pieces and keeps nothing', async () => {
    const store = new MemoryStore();
    const stop = new AbortController();
    const { fetch } = server(bytes);
    const { watch } = watching(stop.signal);
    const opening = httpSource(url, { fetch, openStore: async () => store }).open(shard, {
      ...watch,
      onBytes: (done) => done > 2000 && stop.abort(),
    });
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
    expect(store.files.size).toBe(0);
  });

  it.each([
    ['the network fails', new Error('offline'), /did not come: Error: offline/],
    ['the server says 404', new Response('', { status: 404 }), /answered 404/],
  ])('names the file when %s', async (_, answer, message) => {
    const { fetch } = server(answer);
    const opening = httpSource(url, { fetch, openStore: async () => undefined }).open(shard, watching().watch);
    await expect(opening).rejects.toMatchObject({ name: 'Download', message: expect.stringMatching(message) });
  });

  it('refuses a page in the place of model.json', async () => {
    const { fetch } = server(new Response('<!doctype html>'));
    const source = httpSource(url, { fetch, openStore: async () => undefined });
    const asking = source.manifest(new AbortController().signal);
    await expect(asking).rejects.toMatchObject({ name: 'Download', message: expect.stringMatching(/is not JSON/) });
  });

  it('removes older versions once the new one is whole', async () => {
    const store = new MemoryStore();
    store.files.set('old', bytes);
    const { fetch } = server(bytes);
    const source = httpSource(url, { fetch, openStore: async () => store });
    await source.open(shard, watching().watch);
    await source.keepOnly!([shard]);
    expect([...store.files.keys()]).toEqual([sha256]);
  });
});
