import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MemoryStore } from '../../testing/memoryStore.ts';
import { BLOCK_BYTES, openRemoteFile } from './remoteFile.ts';

const bytes = new Uint8Array(2 * BLOCK_BYTES + 77).map((_, i) => (i * 13 + (i >> 10)) & 255);

/** A server that cuts so many connections in the middle of what it sends. */
let cuts = 0;
let asked: string[] = [];
let server: Server;
beforeAll(async () => {
  server = createServer(({ method, headers }, response) => {
    if (method === 'HEAD') return response.writeHead(200, { 'content-length': bytes.length }).end();
    const [from, to] = headers.range!.slice('bytes='.length).split('-').map(Number) as [number, number];
    asked.push(headers.range!);
    const [size, part] = [to - from + 1, bytes.subarray(from, to + 1)];
    response.writeHead(206, { 'content-length': size, 'content-range': `bytes ${from}-${to}/${bytes.length}` });
    if (cuts === 0) return response.end(part);
    cuts--;
    response.write(part.subarray(0, size / 2), () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function opened(store: MemoryStore) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/weights.pth`;
  const stop = new AbortController().signal;
  return openRemoteFile(url, { fetch, store, stop, onFetched: () => {}, retryAfterMs: [1, 1] });
}

it('a cut connection is taken up again by itself, and only the block that was cut comes again', async () => {
  [cuts, asked] = [2, []];
  const file = await opened(new MemoryStore());
  expect(Buffer.compare(await file.read(0, bytes.length), bytes)).toBe(0);
  const blocks = [0, 1, 2].map((i) => `bytes=${i * BLOCK_BYTES}-${Math.min((i + 1) * BLOCK_BYTES, bytes.length) - 1}`);
  expect(asked).toEqual([blocks[0], blocks[0], ...blocks]);
});

it('a connection that is cut again and again is told, and what has come is there at the next try', async () => {
  const store = new MemoryStore();
  [cuts, asked] = [0, []];
  await (await opened(store)).read(0, 5);
  cuts = 99;
  await expect((await opened(store)).read(0, bytes.length)).rejects.toMatchObject({
    name: 'Download',
    message: 'weights.pth broke off; what came is kept, go on when the connection is back.',
  });
  [cuts, asked] = [0, []];
  expect(Buffer.compare(await (await opened(store)).read(0, bytes.length), bytes)).toBe(0);
  expect(asked).toHaveLength(2);
});
