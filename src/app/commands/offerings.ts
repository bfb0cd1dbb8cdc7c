import type { Offering } from '../../wire/importer.ts';

/** More files than a checkpoint has: what was dropped is another kind of folder. */
const FILE_LIMIT = 250;
const PICTURE = /\.(png|jpe?g|webp|gif|avif|heic|heif|bmp|tiff?|svg|ico)$/i;
/** Files that belong together: a configuration beside weights, and weights in several parts. */
const PART_OF_FOLDER = /\.json$|-\d{5}-of-\d{5}\./;

/** Whether a file is meant as a picture, by its type or its name. */
export function isPictureFile({ type, name }: Pick<File, 'type' | 'name'>): boolean {
  return type.startsWith('image/') || PICTURE.test(name);
}

/** Loose files as offerings: each by itself, or all as one folder where they belong together. */
export function offeringsOf(files: readonly File[]): readonly Offering[] {
  const one = (name: string, list: readonly File[]): Offering => ({
    kind: 'files',
    name,
    files: list.map((file) => ({ path: file.webkitRelativePath || file.name, file })),
  });
  const [first] = files;
  if (first === undefined) return [];
  const folder = first.webkitRelativePath.split('/')[0];
  if (folder) return [one(folder, files)];
  const isFolder = files.length > 1 && files.some(({ name }) => PART_OF_FOLDER.test(name));
  return isFolder ? [one('the dropped files', files)] : files.map((file) => one(file.name, [file]));
}

/**
 * What was dropped, folders with all that is in them. The entries must be asked for while the drop is being handled, so
 * this is called in the handler and awaited later.
 */
export function droppedOfferings(data: DataTransfer): Promise<readonly Offering[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? undefined);
  const files = [...data.files];
  const folders = entries.filter((entry) => entry?.isDirectory === true);
  if (folders.length === 0) return Promise.resolve(offeringsOf(files));
  return Promise.all(folders.map((entry) => folderOffering(entry as FileSystemDirectoryEntry)));
}

async function folderOffering(folder: FileSystemDirectoryEntry): Promise<Offering> {
  const files: { path: string; file: File }[] = [];
  const walk = async (entry: FileSystemEntry, path: string): Promise<void> => {
    if (files.length > FILE_LIMIT || entry.name.startsWith('.')) return;
    if (entry.isDirectory) {
      for (const child of await childrenOf(entry as FileSystemDirectoryEntry))
        await walk(child, `${path}${entry.name}/`);
    } else {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      files.push({ path: path + entry.name, file });
    }
  };
  await walk(folder, '');
  return { kind: 'files', name: folder.name, files };
}

/** A reader gives a hundred entries at a time, and none at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0 || all.length > FILE_LIMIT) return all;
    all.push(...some);
  }
}
