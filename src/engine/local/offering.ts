import type { Stop } from '../../core/engine.ts';
import { Failure } from '../../core/failure.ts';
import { openCheckpoint, openFolder } from '../../formats/checkpoint.ts';
import type { RangedFile } from '../../formats/ranged.ts';
import { openZip } from '../../formats/zip.ts';
import { openZipFolder } from '../../formats/zipFolder.ts';
import type { Offering } from '../../wire/importer.ts';
import { orDamage, type WeightSource } from '../import/checkpoint.ts';
import { networksIn } from '../import/fingerprints.ts';
import { inflateRaw } from '../import/inflate.ts';
import { blobFile, type ShardStore } from '../shardStore.ts';
import { openRemoteFile } from './remoteFile.ts';

/** A folder with more is not one that somebody saved a model to. */
const FILE_LIMIT = 200;

/** What opening offerings takes. */
export interface OfferingSurroundings {
  readonly fetch: typeof fetch;
  /** Where the blocks of an address are kept. Failure Quota where nothing can be. */
  readonly openDownload: (url: string) => Promise<ShardStore>;
  readonly stop: Stop;
  readonly onFetched: (sizeBytes: number) => void;
  /** Told of what every read gave. */
  readonly onRead: (bytes: Uint8Array) => void;
}

/**
 * The files of an offering for reading in ranges; every read looks at the stop first.
 * @throws Failure BadFile, Download
 */
export async function openOffering(offering: Offering, surroundings: OfferingSurroundings): Promise<WeightSource> {
  const { stop, fetch, onFetched } = surroundings;
  if (offering.kind === 'address') {
    const url = addressOf(offering.url);
    const store = await surroundings.openDownload(url);
    return watched(await openRemoteFile(url, { fetch, stop, onFetched, store }), surroundings);
  }
  const { name, files } = offering;
  if (files.length > FILE_LIMIT) {
    throw new Failure('BadFile', `${name}: ${files.length} files are too many, choose the folder of one checkpoint.`);
  }
  const [first] = files;
  if (first === undefined) throw new Failure('BadFile', `${name}: it holds no files, choose another folder.`);
  if (files.length === 1 && !first.path.includes('/')) return watched(blobFile(first.path, first.file), surroundings);
  return { name, files: new Map(files.map(({ path, file }) => [path, watched(blobFile(path, file), surroundings)])) };
}

function watched<F extends RangedFile>(file: F, { stop, onRead }: OfferingSurroundings): F {
  return {
    ...file,
    async read(offset, length) {
      stop.throwIfAborted();
      const bytes = await file.read(offset, length);
      onRead(bytes);
      return bytes;
    },
  };
}

/**
 * The address of the file itself, where somebody copied that of the page about it.
 * @throws Failure BadFile when it is no web address
 */
export function addressOf(text: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  const isLocal = url?.hostname === 'localhost' || url?.hostname === '127.0.0.1';
  if (url === undefined || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))) {
    throw new Failure('BadFile', 'This is no web address of a file; it must begin with https://.');
  }
  if (url.hostname === 'huggingface.co')
    url.pathname = url.pathname.replace(/^(\/[^/]+\/[^/]+)\/blob\//, '$1/resolve/');
  return url.href;
}

/** The files of a model in our own format, by name; undefined when the source is something else. */
export async function ownModelFiles(source: WeightSource): Promise<ReadonlyMap<string, RangedFile> | undefined> {
  const files = 'files' in source ? source.files : await zippedFiles(source);
  const path = [...(files?.keys() ?? [])].find(isModelJson);
  if (files === undefined || path === undefined) return undefined;
  const folder = path.slice(0, -'model.json'.length);
  return new Map(
    [...files].flatMap(([each, file]) => (each.startsWith(folder) ? [[each.slice(folder.length), file]] : [])),
  );
}

/** The files of a zip with a model in it; its directory tells, so that no other zip is read for this. */
async function zippedFiles(file: RangedFile): Promise<ReadonlyMap<string, RangedFile> | undefined> {
  const head = await file.read(0, Math.min(4, file.sizeBytes));
  if (String.fromCharCode(...head) !== 'PK\u0003\u0004') return undefined;
  const zip = await openZip(file, inflateRaw).catch(() => undefined); // what is wrong is told by openCheckpoint
  return zip && [...zip.entries.keys()].some(isModelJson) ? openZipFolder(file, inflateRaw) : undefined;
}

function isModelJson(path: string): boolean {
  return path === 'model.json' || path.endsWith('/model.json');
}

/** The networks in a source. @throws Failure BadFile that says what the file is instead */
export async function networksOf(source: WeightSource): Promise<ReturnType<typeof networksIn>> {
  const opened =
    'files' in source
      ? await openFolder(source.name, source.files, inflateRaw)
      : await openCheckpoint(source, inflateRaw);
  return orDamage(source, opened, () => networksIn([...opened.tensors.keys()], opened.name));
}
