import type { RangedFile } from './ranged.ts';
import { inflatedLimitBytes, openZip, type InflateRaw } from './zip.ts';
import { refuseZip } from './zipDirectory.ts';

type Files = ReadonlyMap<string, RangedFile>;

/** What was opened before: nothing is inflated and kept twice while somebody has the zip in hand. */
const opened = new WeakMap<RangedFile, Promise<Files>>();

/**
 * The files of a zipped folder by their path in it (`transformer/config.json`), without folders and without what
 * macOS adds. Compressed ones are inflated at once, 1 GiB of them at most.
 * @throws Failure BadFile naming the zip and the entry.
 */
export async function openZipFolder(file: RangedFile, inflate: InflateRaw): Promise<Files> {
  const files = opened.get(file) ?? openAll(file, inflate);
  opened.set(file, files);
  files.catch(() => opened.delete(file)); // a stop, or a file that can be read the next time
  return files;
}

async function openAll(file: RangedFile, inflate: InflateRaw): Promise<Files> {
  const zip = await openZip(file, inflate);
  const wanted = [...zip.entries.values()].filter(({ name, isFolder }) => {
    const isOfSystem = name.startsWith('__MACOSX/') || name.split('/').at(-1)!.startsWith('.');
    return !isFolder && !isOfSystem;
  });
  const inflatedBytes = wanted.reduce((sum, { method, sizeBytes }) => sum + (method === 0 ? 0 : sizeBytes), 0);
  if (inflatedBytes > inflatedLimitBytes) {
    const sizes = `${inflatedBytes} bytes, the limit is ${inflatedLimitBytes}`;
    const cause = `its compressed content is too large to inflate here, ${sizes}`;
    refuseZip(file.name, cause, 'unzip it and drop the folder instead');
  }
  const files = new Map<string, RangedFile>();
  for (const { name } of wanted) files.set(name, await zip.open(name));
  return files;
}
