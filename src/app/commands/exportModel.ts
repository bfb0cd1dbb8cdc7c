import { isAbort } from '../../core/failure.ts';
import type { ModelCard } from '../../core/modelCard.ts';
import { hired, sentenceOf } from './bring.ts';
import type { Desk } from './desk.ts';
import { localFile, readLocalManifest } from './localModels.ts';

type Picker = (options: { readonly id: string; readonly mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;

/** Lets a person choose a folder to write to; not in every browser. */
function folderPicker(): Picker | undefined {
  return (globalThis as { showDirectoryPicker?: Picker }).showDirectoryPicker?.bind(globalThis);
}

/**
 * Save a model for another device or the command line: as a folder where the browser can write one, else as the zip of
 * that folder. Either can be dropped on the page again.
 */
export async function exportModel(desk: Desk, card: ModelCard): Promise<void> {
  const { notify } = desk.store.getState();
  const pick = folderPicker();
  try {
    const name = pick
      ? await saveFolder(card, await pick({ id: 'unmask-models', mode: 'readwrite' }))
      : await saveZip(desk, card);
    notify(`Saved as ${name}. Dropped on this page, on any device, it is back.`);
  } catch (error) {
    if (!isAbort(error)) notify(sentenceOf(error)); // who closed the picker knows it
  }
}

/** The files one by one, streamed; model.json last, so that a folder with a model.json is whole. */
async function saveFolder({ id, name }: ModelCard, place: FileSystemDirectoryHandle): Promise<string> {
  const manifest = await readLocalManifest(id);
  if (manifest === undefined) throw new Error(`${name} is no longer on this device.`);
  const { shards, assets } = manifest;
  const pictures = [assets.atlas, assets.classThumbnails, ...(assets.recordings ?? [])];
  const folder = await place.getDirectoryHandle(id, { create: true });
  const save = async (fileName: string, file: File): Promise<void> => {
    const handle = await folder.getFileHandle(fileName, { create: true });
    await file.stream().pipeTo(await handle.createWritable());
  };
  for (const { file } of shards) await save(file, await localFile(id, file));
  for (const picture of pictures) {
    const file = picture === undefined ? undefined : await localFile(id, picture).catch(() => undefined);
    if (file) await save(picture!, file);
  }
  await save('model.json', await localFile(id, 'model.json'));
  return `the folder ${id}`;
}

async function saveZip(desk: Desk, { id }: ModelCard): Promise<string> {
  const { importer } = await hired(desk);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await importer.pack(id));
  link.download = `${id}.zip`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return link.download;
}
