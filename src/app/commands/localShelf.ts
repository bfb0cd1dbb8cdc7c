import { localUrl } from '../../core/localModel.ts';
import type { ModelCard } from '../../core/modelCard.ts';
import { hired } from './bring.ts';
import type { Desk } from './desk.ts';
import { listLocalModels, removeLocalFiles } from './localModels.ts';
import { suitable } from './models.ts';
import { switchModel } from './start.ts';

/** A model was converted: it is offered, and used at once unless something is being painted. */
export async function finish(desk: Desk, card: ModelCard): Promise<void> {
  const { store } = desk;
  store.getState().offer({ local: await listLocalModels() });
  store.getState().bring({ conversion: { kind: 'done', card } });
  store.getState().announce(`${card.name} is on this device.`);
  await readRoom(desk);
  if (store.getState().job.kind === 'idle') await switchModel(desk, localUrl(card.id));
  else store.getState().notify(`${card.name} is ready; choose it under the model's name above.`);
}

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

/** Save a converted model as the zip of its folder, for another device or the command line. */
export async function exportModel(desk: Desk, card: ModelCard): Promise<void> {
  const { notify } = desk.store.getState();
  try {
    const { importer } = await hired(desk);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await importer.pack(card.id));
    link.download = `${card.id}.zip`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    notify(`Saved as ${link.download}`);
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error));
  }
}

/** How much of the browser's storage is used and left. */
export async function readRoom({ store }: Desk): Promise<void> {
  try {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    const isKept = await navigator.storage.persisted();
    store.getState().bring({ room: { usedBytes: usage, leftBytes: Math.max(0, quota - usage), isKept } });
  } catch {
    store.getState().bring({ room: undefined }); // a browser that does not tell
  }
}

/** Ask the browser not to clear the storage when it runs short. */
export async function askToKeep(desk: Desk): Promise<void> {
  const isKept = await navigator.storage.persist().catch(() => false);
  if (!isKept) desk.store.getState().notify('The browser did not promise it. A bookmark of this page can change that.');
  await readRoom(desk);
}
