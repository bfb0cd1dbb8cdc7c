import type { Stop } from '../../core/engine.ts';
import { Failure, isAbort } from '../../core/failure.ts';

/** What asking for a file of the network takes. */
export interface Network {
  readonly fetch: typeof fetch;
  readonly stop: Stop;
}

/** A connection that gives no byte for so long is taken for cut. */
const SILENCE_MS = 60_000;

/** The last part of an address, for messages. */
export function fileNameOf(url: string): string {
  const { pathname, hostname } = new URL(url);
  return decodeURIComponent(pathname.split('/').findLast((part) => part !== '') ?? hostname);
}

/** Ask for a file or a part of it. @throws Failure Download when nobody answers, or with something else than a file */
export async function request(url: string, { fetch, stop }: Network, init: RequestInit): Promise<Response> {
  const signal = stop instanceof AbortSignal ? stop : null;
  const response = await fetch(url, { ...init, signal, cache: 'no-store' }).catch((cause: unknown) => {
    if (isAbort(cause)) throw cause;
    const { host } = new URL(url);
    const sentence = `${host} did not give ${fileNameOf(url)} to this page: either the connection failed, or the site allows no other pages to read its files`;
    const advice =
      'try again when the connection is back, or open the address in a new tab, save the file, and drop it here.';
    throw new Cut(`${sentence}; ${advice}`, { cause });
  });
  if (response.ok) return response;
  return refuse(url, `answered ${response.status}`);
}

/** The content of an answer. @throws Failure Download when the connection is cut */
export async function bodyOf(response: Response, url: string, stop: Stop): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (const piece of piecesOf(response, url, stop)) pieces.push(piece);
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.length;
  }
  return bytes;
}

/** The content of an answer as it comes. @throws Failure Download when the connection is cut or falls silent */
export async function* piecesOf(response: Response, url: string, stop: Stop): AsyncGenerator<Uint8Array> {
  const reader = response.body!.getReader();
  try {
    for (;;) {
      stop.throwIfAborted();
      const { done, value } = await orSilence(reader.read());
      if (done) return;
      yield value;
    }
  } catch (cause) {
    if (isAbort(cause) || cause instanceof Failure) throw cause;
    throw new Cut(`${fileNameOf(url)} broke off; what came is kept, go on when the connection is back.`, { cause });
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

async function orSilence<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no byte came for ${SILENCE_MS / 1000} s`)), SILENCE_MS);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** The connection failed: the same request may go well a moment later. */
export class Cut extends Failure {
  constructor(message: string, options: ErrorOptions) {
    super('Download', message, options);
  }
}

/** @throws Failure Download */
export function refuse(url: string, cause: string): never {
  const { host } = new URL(url);
  throw new Failure(
    'Download',
    `${host} ${cause} for ${fileNameOf(url)}; check the address, or save the file and drop it.`,
  );
}
