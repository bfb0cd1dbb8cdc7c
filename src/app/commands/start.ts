import { localId } from '../../core/localModel.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { classCount } from '../../core/modelCard.ts';
import { loadAtlas } from '../canvas/atlas.ts';
import { assetUrl, type Desk } from './desk.ts';
import { stopJob } from './generate.ts';
import { restoreSheet } from './keepSheet.ts';
import { takeLinkedBoxes } from './boxLinks.ts';
import { localAssetUrls } from './localModels.ts';
import { reportError, startMachine } from './machine.ts';
import { fetchManifest, listModels, modelUrlOf, pickModel } from './models.ts';
import { readPreferences } from './preferences.ts';
import { loadRecording, playRecording } from './recordings.ts';
import { openResult, restoreResults } from './results.ts';

/**
 * A visit begins: which model, then its card, because it is small; then at once the recordings, what earlier visits
 * kept and the engine. None of them waits for another. A development server may name the model's address itself.
 */
export async function start(desk: Desk, url?: string): Promise<void> {
  readPreferences(desk.store);
  // Which model suits depends on the GPU, so it is sought while the list of models comes; startMachine tells what goes wrong.
  void desk.seat.engine.open().catch(() => undefined);
  if (url === undefined) await listModels(desk);
  desk.modelUrl = url ?? modelUrlOf(await pickModel(desk));
  try {
    await open(desk, desk.modelUrl, await fetchManifest(desk.modelUrl));
  } catch (error) {
    desk.store.getState().setMachine({ kind: 'failed' });
    reportError(desk, error);
  }
}

/**
 * Go on with another model: what runs is stopped, the engine frees the old one and loads the new one, and the stage
 * and the filmstrip show what belongs to it. The choice is remembered.
 */
export async function switchModel(desk: Desk, ref: string): Promise<void> {
  const { store } = desk;
  const { modelRef, results, manifest: old } = store.getState();
  if (ref === modelRef) return store.getState().chooseModel(ref);
  const url = modelUrlOf(ref);
  let manifest: ModelManifest;
  try {
    manifest = await fetchManifest(url);
  } catch (error) {
    return reportError(desk, error);
  }
  // What runs ends as a picture of the model that painted it.
  await stopped(desk);
  store.getState().chooseModel(ref);
  store.getState().takeModel(ref);
  store.setState({ recents: [], lastStepMs: 0 });
  if (results.length > 0 && old)
    store.getState().notify(`Your pictures of ${old.name} are back when you return to it.`);
  await open(desk, url, manifest);
}

/** Stop the job and wait until it has ended. */
function stopped(desk: Desk): Promise<void> {
  const { store } = desk;
  return new Promise((resolve) => {
    const unsubscribe = store.subscribe(({ job }) => job.kind === 'idle' && settle());
    const settle = (): void => (unsubscribe(), resolve());
    stopJob(desk);
    if (store.getState().job.kind === 'idle') settle();
  });
}

/** Nothing of the model before stays in sight. */
function clearTable(desk: Desk): void {
  const { clearStage, clearRecordings, clearResults, startAnew } = desk.store.getState();
  clearStage();
  startAnew();
  clearRecordings();
  clearResults();
  desk.reels.clear();
  delete desk.atlas;
  for (const asset of desk.localAssets?.values() ?? []) URL.revokeObjectURL(asset);
  delete desk.localAssets;
}

async function open(desk: Desk, url: string, manifest: ModelManifest): Promise<void> {
  const id = localId(url);
  const assets = id === undefined ? undefined : await localAssetUrls(id, manifest);
  // At once, so that nothing is ever drawn with the files of one model and the card of another.
  clearTable(desk);
  desk.modelUrl = url;
  if (assets) desk.localAssets = assets;
  adopt(desk, manifest);
  const machine = startMachine(desk);
  const tiles = loadAtlas(manifest, (file) => assetUrl(desk, file)).then((atlas) => {
    if (atlas && desk.modelUrl === url) desk.atlas = atlas;
  });
  await Promise.all([tiles, restoreResults(desk)]);
  const isTaken = await restoreSheet(desk);
  const isLinked = takeLinkedBoxes(desk);
  await fillStage(desk, manifest, isTaken || isLinked);
  await machine;
}

/** Make the model's own settings ours, and take a class: the one used last, or that of the day. */
function adopt({ store }: Desk, manifest: ModelManifest): void {
  const { setManifest, setDefaults, tune, change, wish, recents } = store.getState();
  setManifest(manifest);
  setDefaults(manifest.sampler);
  tune(manifest.sampler);
  const isKnown = recents.includes(wish.classId) && wish.classId < classCount(manifest);
  if (!isKnown) change({ classId: classOfTheDay(manifest) });
}

/** A first class that changes from day to day, never by chance: the same link shows friends the same start. */
function classOfTheDay({ classes, assets }: ModelManifest): number {
  const day = Math.floor(Date.now() / 86_400_000);
  const several = Math.max(1, Math.min(classes.length, (assets.recordings?.length ?? 0) * 5));
  return day % several;
}

/** What was worked on, the newest result of an earlier visit, or the first recording; the other recordings follow in the background. */
async function fillStage(desk: Desk, manifest: ModelManifest, isTaken: boolean): Promise<void> {
  const newest = desk.store.getState().results[0];
  const isFree = (): boolean => !isTaken && desk.store.getState().showing === 'nothing';
  if (newest && isFree()) await openResult(desk, newest.id);
  const url = desk.modelUrl;
  for (const file of manifest.assets.recordings ?? []) {
    if (desk.modelUrl !== url) return;
    try {
      const { id, classId } = await loadRecording(desk, file, manifest.config.grid);
      if (!isFree() || desk.modelUrl !== url) continue;
      // The picker names what plays, so that Generate continues it.
      if (desk.store.getState().recents.length === 0) desk.store.getState().change({ classId });
      desk.store.getState().setTouring(true);
      playRecording(desk, id);
    } catch (error) {
      // A missing recording takes nothing else away; the console is the place for it.
      console.warn(error);
    }
  }
}
