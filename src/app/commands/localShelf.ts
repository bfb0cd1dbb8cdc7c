import { localUrl } from '../../core/localModel.ts';
import type { ModelCard } from '../../core/modelCard.ts';
import type { Unfinished } from '../store/bringing.ts';
import type { Desk } from './desk.ts';
import { listLocalModels, listUnfinished, removeLocalFiles, removeUnfinished } from './localModels.ts';
import { suitable } from './models.ts';
import { switchModel } from './start.ts';

/** Remove a model from this device; where it was in use, what suits the device takes its place. */
export async function deleteModel(desk: Desk, card: ModelCard): Promise<void> {
  const { store } = desk;
  const ref = localUrl(card.id);
  if (store.getState().modelRef === ref) {
    await switchModel(desk, await suitable(desk));
    store.getState().chooseModel(undefined);
  }
  await removeLocalFiles(card.id).catch(() => undefined);
  store.getState().offer({ local: await listLocalModels() });
  store.getState().bring({ conversion: { kind: 'none' } });
  store.getState().notify(`${card.name} was deleted from this device.`);
  await readRoom(desk);
}

/** How much of the browser's storage is used and left, and what lies in it unfinished. */
export async function readRoom({ store }: Desk): Promise<void> {
  try {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    const isKept = await navigator.storage.persisted();
    store.getState().bring({ room: { usedBytes: usage, leftBytes: Math.max(0, quota - usage), isKept } });
  } catch {
    store.getState().bring({ room: undefined }); // a browser that does not tell
  }
  store.getState().bring({ unfinished: await listUnfinished() });
}

/** Remove what came of a file whose model was not made. */
export async function deleteUnfinished(desk: Desk, { folder }: Unfinished): Promise<void> {
  await removeUnfinished(folder).catch(() => undefined);
  await readRoom(desk);
}

/** Ask the browser not to clear the storage when it runs short. */
export async function askToKeep(desk: Desk): Promise<void> {
  const isKept = await navigator.storage.persist().catch(() => false);
  if (!isKept) desk.store.getState().notify('The browser did not promise it. A bookmark of this page can change that.');
  await readRoom(desk);
}
