import { localId } from '../../core/localModel.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { assetUrl, type Desk } from './desk.ts';
import { modelUrlOf } from './models.ts';

const CACHE = 'unmask models';

/**
 * Make the page start without a network from the next visit on: its own files by the service worker, the cards and
 * pictures of the shipped model in use here; weights are in the private file system already. Nothing depends on it.
 */
export async function workOffline(desk: Desk): Promise<void> {
  if (!('serviceWorker' in navigator) || !('caches' in globalThis)) return;
  try {
    await navigator.serviceWorker.register(new URL('sw.js', document.baseURI));
    keepCard(desk);
    desk.store.subscribe((now, before) => now.manifest !== before.manifest && keepCard(desk));
  } catch (error) {
    console.warn(error); // a private window, or storage that is forbidden
  }
}

function keepCard(desk: Desk): void {
  const { manifest, modelRef } = desk.store.getState();
  if (!manifest || modelRef === undefined || localId(modelRef) !== undefined) return;
  const files = filesOf(manifest).map((file) => assetUrl(desk, file));
  const index = new URL('models/index.json', document.baseURI).href;
  caches
    .open(CACHE)
    .then((cache) => cache.addAll([index, modelUrlOf(modelRef), ...files]))
    .catch((error: unknown) => console.warn(error)); // no room, or gone offline: the next visit tries again
}

function filesOf({ assets }: ModelManifest): readonly string[] {
  const files = [assets.atlas, assets.classThumbnails, ...(assets.recordings ?? [])];
  return files.filter((file) => file !== undefined);
}
