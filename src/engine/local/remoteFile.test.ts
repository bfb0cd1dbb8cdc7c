import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../testing/memoryStore.ts';
import { BLOCK_BYTES, openRemoteFile } from './remoteFile.ts';

const url = 'https://models.example/a/weights.pth';
const bytes = new Uint8Array(2.5 * BLOCK_BYTES).map((_, i) => (i * 31 + (i >> 12)) & 255);

interface Habits {
  readonly knowsRanges?: boolean;
  readonly answersHead?: boolean;
  readonly etag?: string;
  /** Breaks the connection from this request of bytes on. */
  readonly breaksAt?: number;
}

function server({ knowsRanges = true, answersHead = true, etag = 'a', breaksAt = Infinity }: Habits = {}) {
  const asked: string[] = [];
  const fetch = (async (_: string, { method, headers }: { method?: string; headers?: { range: string } }) => {
    if (method === 'HEAD') {
      const answer = { 'content-length': String(bytes.length), etag };
      return answersHead ? new Response('', { headers: answer }) : new Response('', { status: 405 });
    }
    const range = headers!.range;
    if (asked.length >= breaksAt) throw new TypeError('network');
    asked.push(range);
    if (!knowsRanges) return new Response(bytes, { headers: { 'content-length': String(bytes.length) } });
    const [from, to] = range.slice('bytes='.length).split('-').map(Number) as [number, number];
    const total = { 'content-range': `bytes ${from}-${to}/${bytes.length}` };
    return new Response(bytes.slice(from, to + 1), { status: 206, headers: total });
  }) as unknown as typeof globalThis.fetch;
  return { fetch, asked };
}

const opened = (
  { fetch }: { fetch: typeof globalThis.fetch },
  store = new MemoryStore(),
  stop = new AbortController().signal,
) => openRemoteFile(url, { fetch, store, stop, onFetched: () => {} });
const crossing = [BLOCK_BYTES - 5, 10] as const;

describe('a file behind an address', () => {
  it('is read in ranges, and only the blocks that somebody reads are fetched', async () => {
    const site = server();
    const file = await opened(site);
    expect(file).toMatchObject({ name: 'weights.pth', sizeBytes: bytes.length });
    expect(await file.read(bytes.length - 9, 9)).toEqual(bytes.slice(-9));
    expect(site.asked).toEqual([`bytes=${2 * BLOCK_BYTES}-${bytes.length - 1}`]);
    expect(await file.read(...crossing)).toEqual(bytes.slice(BLOCK_BYTES - 5, BLOCK_BYTES + 5));
    expect(site.asked).toHaveLength(3);
  });

  it('goes on where a broken download was, also after a reload', async () => {
    const store = new MemoryStore();
    const broken = await opened(server({ breaksAt: 1 }), store);
    await expect(broken.read(...crossing)).rejects.toMatchObject({ name: 'Download' });
    const site = server();
    expect(await (await opened(site, store)).read(...crossing)).toEqual(bytes.slice(BLOCK_BYTES - 5, BLOCK_BYTES + 5));
    expect(site.asked).toEqual([`bytes=${BLOCK_BYTES}-${2 * BLOCK_BYTES - 1}`]);
  });

  it('is fetched anew when the file at the address has changed', async () => {
    const store = new MemoryStore();
    await (await opened(server(), store)).read(0, 9);
    const site = server({ etag: 'b' });
    await (await opened(site, store)).read(0, 9);
    expect(site.asked).toHaveLength(1);
  });

  it('comes as a whole from a server that knows no ranges or no HEAD', async () => {
    const site = server({ knowsRanges: false, answersHead: false });
    const file = await opened(site);
    expect(await file.read(...crossing)).toEqual(bytes.slice(BLOCK_BYTES - 5, BLOCK_BYTES + 5));
    expect(await file.read(bytes.length - 9, 9)).toEqual(bytes.slice(-9));
    expect(site.asked).toHaveLength(2); // for its size, and for everything
  });

  it('that a site keeps from other pages says what to do', async () => {
    const fetch = (async () => Promise.reject(new TypeError('Failed to fetch'))) as typeof globalThis.fetch;
    await expect(opened({ fetch })).rejects.toMatchObject({
      name: 'Download',
      message: expect.stringMatching(/models\.example.*weights\.pth.*new tab, save the file, and drop it/),
    });
  });

  it('stops before the next block', async () => {
    const stop = new AbortController();
    const file = await opened(server(), new MemoryStore(), stop.signal);
    stop.abort();
    await expect(file.read(0, 9)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
