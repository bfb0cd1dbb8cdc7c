import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../testing/memoryStore.ts';
import { Sha256 } from '../sha256.ts';
import { BLOCK_BYTES, openRemoteFile } from './remoteFile.ts';

const url = 'https://huggingface.co/maker/things/resolve/main/a/weights.pth';
const bytes = new Uint8Array(2.5 * BLOCK_BYTES).map((_, i) => (i * 31 + (i >> 12)) & 255);
const sha256 = new Sha256().update(bytes).hex();

interface Habits {
  readonly knowsRanges?: boolean;
  readonly answersHead?: boolean;
  readonly etag?: string;
  /** Breaks the connection from this request of bytes on. */
  readonly breaksAt?: number;
  /** What the site's list of files says of it. */
  readonly published?: string;
}

type Init = { method?: string; headers?: { range: string } } | undefined;

function server(habits: Habits = {}) {
  const site = { ...habits, asked: [] as string[], fetch: globalThis.fetch };
  const answer = async (address: string, init: Init): Promise<Response> => {
    const { knowsRanges = true, answersHead = true, etag = 'a', breaksAt = Infinity, published } = site;
    if (address === 'https://huggingface.co/api/models/maker/things/tree/main/a') {
      if (published === undefined) throw new TypeError('no such thing for other pages');
      return Response.json([{ path: 'README.md' }, { path: 'a/weights.pth', lfs: { oid: published } }]);
    }
    if (init?.method === 'HEAD') {
      const headers = { 'content-length': String(bytes.length), etag };
      return answersHead ? new Response('', { headers }) : new Response('', { status: 405 });
    }
    const range = init!.headers!.range;
    if (site.asked.length >= breaksAt) throw new TypeError('network');
    site.asked.push(range);
    if (!knowsRanges) return new Response(bytes, { headers: { 'content-length': String(bytes.length), etag } });
    const [from, to] = range.slice('bytes='.length).split('-').map(Number) as [number, number];
    const headers = { 'content-range': `bytes ${from}-${to}/${bytes.length}`, etag };
    return new Response(bytes.slice(from, to + 1), { status: 206, headers });
  };
  site.fetch = answer as unknown as typeof globalThis.fetch;
  return site;
}

const opened = (
  { fetch }: { fetch: typeof globalThis.fetch },
  store = new MemoryStore(),
  stop = new AbortController().signal,
) => openRemoteFile(url, { fetch, store, stop, onFetched: () => {}, retryAfterMs: [] });
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
      message: expect.stringMatching(/huggingface\.co.*weights\.pth.*new tab, save the file, and drop it/),
    });
  });

  it('is refused when it changes while it is fetched, and begins anew', async () => {
    const store = new MemoryStore();
    const site = server();
    const file = await opened(site, store);
    await file.read(0, 9);
    site.etag = 'b';
    await expect(file.read(...crossing)).rejects.toMatchObject({ message: expect.stringMatching(/changed while/) });
    expect(await (await opened(site, store)).read(...crossing)).toHaveLength(10);
    expect(site.asked.slice(2)).toEqual([0, 1].map((i) => `bytes=${i * BLOCK_BYTES}-${(i + 1) * BLOCK_BYTES - 1}`));
  });

  it('stops before the next block', async () => {
    const stop = new AbortController();
    const file = await opened(server(), new MemoryStore(), stop.signal);
    stop.abort();
    await expect(file.read(0, 9)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a file that came whole', () => {
  const everything = async (site: ReturnType<typeof server>, store = new MemoryStore()) => {
    const file = await opened(site, store);
    await file.read(0, bytes.length);
    return file;
  };

  it('is compared with the hash that is published beside it', async () => {
    const done: number[] = [];
    const file = await everything(server({ published: sha256 }));
    expect(await file.verify((doneBytes) => done.push(doneBytes))).toBe(true);
    expect(done.at(-1)).toBe(bytes.length);
  });

  it('is refused and removed when it is another one', async () => {
    const store = new MemoryStore();
    const file = await everything(server({ published: 'f'.repeat(64) }), store);
    await expect(file.verify(() => {})).rejects.toMatchObject({
      name: 'Download',
      message: expect.stringMatching(/weights\.pth came with the SHA-256 .* publishes ffff/),
    });
    expect([...store.files]).toEqual([]);
  });

  it('is taken as it is where nothing is published, nothing usable, or not all of it is here', async () => {
    expect(await (await everything(server())).verify(() => {})).toBe(false);
    expect(await (await everything(server({ published: 'soon' }))).verify(() => {})).toBe(false);
    const partly = await opened(server({ published: sha256 }));
    await partly.read(0, 9);
    expect(await partly.verify(() => {})).toBe(false);
  });
});
