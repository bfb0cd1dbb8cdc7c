import { idOfFolder, localFolder, localId, MODELS_FOLDER } from '../../core/localModel.ts';
import { cardOf, type ModelCard } from '../../core/modelCard.ts';
import { parseManifest } from '../../core/parseManifest.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import type { Unfinished } from '../store/bringing.ts';
import type { Desk } from './desk.ts';

/** The folder of all models in the browser's storage; undefined where there is no storage (some private windows). */
async function modelsFolder(): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(MODELS_FOLDER, { create: true });
  } catch {
    return undefined;
  }
}

/** Cards of the models that were brought in and are whole. */
export async function listLocalModels(): Promise<readonly ModelCard[]> {
  const folder = await modelsFolder();
  if (folder === undefined) return [];
  const cards: ModelCard[] = [];
  for await (const name of folder.keys()) {
    const id = idOfFolder(name);
    const manifest = id === undefined ? undefined : await readLocalManifest(id);
    if (manifest) cards.push(cardOf(manifest));
  }
  return cards.toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The model.json of a local model, checked; undefined when it is not there, not whole or damaged. */
export async function readLocalManifest(id: string): Promise<ModelManifest | undefined> {
  try {
    const file = await localFile(id, 'model.json');
    return parseManifest(JSON.parse(await file.text()), 'model.json');
  } catch {
    return undefined;
  }
}

/** Object URLs of the pictures and recordings of a local model. The caller revokes them. */
export async function localAssetUrls(id: string, { assets }: ModelManifest): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>();
  for (const name of [assets.atlas, assets.classThumbnails, ...(assets.recordings ?? [])]) {
    const file = name === undefined ? undefined : await localFile(id, name).catch(() => undefined);
    if (name !== undefined && file !== undefined) urls.set(name, URL.createObjectURL(file));
  }
  return urls;
}

/** A file of a local model, for reading only. @throws when it is not there */
export async function localFile(id: string, name: string): Promise<File> {
  const folder = await (await modelsFolder())!.getDirectoryHandle(localFolder(id));
  return (await folder.getFileHandle(name)).getFile();
}

/** What came from addresses and is kept for going on (engine/local/remoteFile.ts). */
export async function listUnfinished(): Promise<readonly Unfinished[]> {
  const models = await modelsFolder();
  const found: Unfinished[] = [];
  for await (const [folder, handle] of models?.entries() ?? []) {
    if (!folder.startsWith('download-') || handle.kind !== 'directory') continue;
    const one = await unfinishedIn(folder, handle as FileSystemDirectoryHandle).catch(() => undefined);
    if (one) found.push(one);
  }
  return found;
}

async function unfinishedIn(folder: string, handle: FileSystemDirectoryHandle): Promise<Unfinished> {
  const meta = await (await handle.getFileHandle('meta.json')).getFile();
  const { url, sizeBytes } = JSON.parse(await meta.text()) as { url: string; sizeBytes: number };
  let fetchedBytes = -meta.size;
  for await (const file of handle.values()) {
    if (file.kind === 'file') fetchedBytes += (await (file as FileSystemFileHandle).getFile()).size;
  }
  return { folder, url, sizeBytes, fetchedBytes };
}

export async function removeUnfinished(folder: string): Promise<void> {
  await (await modelsFolder())?.removeEntry(folder, { recursive: true });
}

/** Remove a local model and everything of it. */
export async function removeLocalFiles(id: string): Promise<void> {
  await (await modelsFolder())?.removeEntry(localFolder(id), { recursive: true });
}

/** Once a model that was brought in has painted a picture, the browser is asked not to clear it away. */
export function keepLocalModels({ store }: Pick<Desk, 'store'>): () => void {
  const unsubscribe = store.subscribe(({ results, modelRef }, before) => {
    if (results.length <= before.results.length || localId(modelRef ?? '') === undefined) return;
    unsubscribe();
    void navigator.storage?.persist?.().catch(() => undefined);
  });
  return unsubscribe;
}
