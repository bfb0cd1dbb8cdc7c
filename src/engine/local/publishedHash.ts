import { isAbort } from '../../core/failure.ts';
import type { Network } from './remoteRequest.ts';

/** huggingface.co/owner/repository/resolve/revision/path */
const onHub = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/;

/**
 * The SHA-256 that is published beside a file, in lower-case hexadecimal: Hugging Face lists it for every large file.
 * Undefined where none is published, or its site does not tell.
 * Source: https://huggingface.co/docs/hub/api, `GET /api/models/{repo}/tree/{revision}/{path}`, field `lfs.oid`.
 */
export async function publishedSha256(url: string, { fetch, stop }: Network): Promise<string | undefined> {
  const { hostname, pathname, origin } = new URL(url);
  const [, repository, revision, path] = onHub.exec(pathname) ?? [];
  if (hostname !== 'huggingface.co' || path === undefined) return undefined;
  const folder = path.split('/').slice(0, -1).join('/');
  try {
    const signal = stop instanceof AbortSignal ? stop : null;
    const response = await fetch(`${origin}/api/models/${repository}/tree/${revision}/${folder}`, { signal });
    const entries = response.ok ? ((await response.json()) as unknown) : [];
    if (!Array.isArray(entries)) return undefined;
    const entry = (entries as Entry[]).find((each) => each?.path === decodeURIComponent(path));
    const sha256 = entry?.lfs?.oid;
    return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined;
  } catch (error) {
    if (isAbort(error)) throw error;
    return undefined;
  }
}

/** A file in the hub's listing, as far as it looks like one. */
type Entry = { readonly path?: unknown; readonly lfs?: { readonly oid?: unknown } } | null | undefined;
