import { parseManifest } from '../../core/parseManifest.ts';
import { Failure } from '../../core/failure.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { loadAtlas } from '../canvas/atlas.ts';
import { assetUrl, type Desk } from './desk.ts';
import { reportError, startMachine } from './machine.ts';
import { readPreferences } from './preferences.ts';
import { loadRecording, playRecording } from './recordings.ts';
import { openResult, restoreResults } from './results.ts';

/**
 * A visit begins: the model's card first, because it is small; then at once the recordings, what earlier visits kept
 * and the engine. None of them waits for another.
 */
export async function start(desk: Desk): Promise<void> {
  readPreferences(desk.store);
  let manifest: ModelManifest;
  try {
    manifest = await fetchManifest(desk.modelUrl);
  } catch (error) {
    desk.store.getState().setMachine({ kind: 'failed' });
    return reportError(desk, error);
  }
  adopt(desk, manifest);
  const machine = startMachine(desk);
  const tiles = loadAtlas(manifest, (file) => assetUrl(desk, file)).then((atlas) => {
    if (atlas) desk.atlas = atlas;
  });
  await Promise.all([tiles, restoreResults(desk)]);
  await fillStage(desk, manifest);
  await machine;
}

async function fetchManifest(url: string): Promise<ModelManifest> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new Failure('Download', 'model.json could not be fetched; check the connection and try again.', { cause });
  });
  if (!response.ok) throw new Failure('Download', `model.json answered ${response.status}; reload the page.`);
  const json: unknown = await response.json().catch((cause: unknown) => {
    throw new Failure('BadFile', 'model.json is not JSON; the copy on the server is broken.', { cause });
  });
  return parseManifest(json, 'model.json');
}

/** Make the model's own settings ours, and take a class: the one used last, or that of the day. */
function adopt({ store }: Desk, manifest: ModelManifest): void {
  const { setManifest, setDefaults, tune, change, wish, recents } = store.getState();
  setManifest(manifest);
  setDefaults(manifest.sampler);
  tune(manifest.sampler);
  const isKnown = recents.includes(wish.classId) && wish.classId < manifest.classes.length;
  if (!isKnown) change({ classId: classOfTheDay(manifest) });
}

/** A first class that changes from day to day, never by chance: the same link shows friends the same start. */
function classOfTheDay({ classes, assets }: ModelManifest): number {
  const day = Math.floor(Date.now() / 86_400_000);
  const several = Math.max(1, Math.min(classes.length, (assets.recordings?.length ?? 0) * 5));
  return day % several;
}

/** The newest result of an earlier visit, or the first recording; the other recordings follow in the background. */
async function fillStage(desk: Desk, manifest: ModelManifest): Promise<void> {
  const newest = desk.store.getState().results[0];
  const isFree = (): boolean => desk.store.getState().showing === 'nothing';
  if (newest && isFree()) await openResult(desk, newest.id);
  for (const file of manifest.assets.recordings ?? []) {
    try {
      const { id, classId } = await loadRecording(desk, file, manifest.config.grid);
      if (!isFree()) continue;
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
