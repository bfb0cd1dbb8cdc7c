import { defaultSettings } from '../../core/request.ts';
import { enlarged } from '../canvas/pictures.ts';
import { lastFrame, pictureFrame, type Reel } from '../canvas/reel.ts';
import type { Result } from '../store/results.ts';
import type { Desk } from './desk.ts';
import type { Kept } from './shelf.ts';

/** Side of a saved or copied picture of a pixel-art model, in pixels; a panorama is larger by as much as it is longer. */
const LARGE_PIXELS = 512;

/** Put a finished picture first in the filmstrip and on the shelf. A full shelf is told; the picture stays. */
export async function keepResult(
  desk: Desk,
  result: Result,
  reel: Reel,
  tokens: Int32Array,
  around?: Blob,
): Promise<void> {
  if (!reel.picture) return;
  const { url, ...lasting } = { ...result, ...(reel.around && { frame: reel.around.frame }) };
  // An edit of a window is a window of the same picture.
  const larger = around ?? (result.origin?.kind === 'edit' && desk.kept.get(result.origin.baseId ?? '')?.around);
  const kept: Kept = {
    result: lasting,
    grid: reel.grid,
    tokens,
    steps: reel.done,
    png: reel.picture.png,
    ...(reel.around && larger && { around: larger }),
  };
  desk.kept.set(result.id, kept);
  desk.store.getState().addResult({ ...lasting, url });
  await store(desk, kept);
}

/** Read what earlier visits kept of this model. A shelf that cannot be read is an empty one. */
export async function restoreResults(desk: Desk): Promise<void> {
  const { manifest, chosenRef, shipped, notify } = desk.store.getState();
  const everything = await desk.shelf.all().catch((): Kept[] => []);
  const ours = everything.filter(({ result }) => result.modelId === manifest?.id).map(withAllSettings);
  // Nobody chose this model: where the page took another one the last time, an empty filmstrip would look like a loss.
  const other = ours.length === 0 && chosenRef === undefined ? newest(everything)?.result.modelId : undefined;
  const name = shipped.find(({ id }) => id === other)?.name;
  if (name !== undefined) notify(`Your pictures of ${name} are kept; choose that model to see them.`);
  for (const kept of ours) desk.kept.set(kept.result.id, kept);
  desk.store.getState().restoreResults(ours.map((kept) => ({ ...kept.result, url: URL.createObjectURL(kept.png) })));
}

/** A picture that an earlier version made lacks the settings that came later. */
function withAllSettings(kept: Kept): Kept {
  const { result } = kept;
  return { ...kept, result: { ...result, settings: { ...defaultSettings, ...result.settings } } };
}

function newest(kept: readonly Kept[]): Kept | undefined {
  return [...kept].sort((a, b) => a.result.createdAtMs - b.result.createdAtMs).at(-1);
}

/** Put a result on the stage, with all its steps; at its picture, or from the start when it should play. */
export async function openResult(desk: Desk, id: string, play = false): Promise<void> {
  const reel = await readReel(desk, id);
  if (!reel) return;
  const { show, setPlaying, setTouring, job } = desk.store.getState();
  setTouring(false);
  const total = job.kind === 'running' && !reel.picture ? pictureFrame(reel.steps) : pictureFrame(reel.done.length);
  show('result', id, { frame: play ? 0 : lastFrame(reel), available: lastFrame(reel), total, grid: reel.grid });
  if (play) setPlaying(true);
}

/** The reel of a picture, with its steps and its pixels; undefined when nothing of that id is kept. */
export async function readReel(desk: Desk, id: string): Promise<Reel | undefined> {
  const ready = desk.reels.get(id);
  const kept = desk.kept.get(id);
  if (ready || !kept) return ready;
  const { classId, seed, steps } = kept.result;
  const picture = await desk.fromPng(kept.png);
  const under = await underOf(desk, kept);
  const around = await aroundOf(desk, kept);
  const reel: Reel = { id, classId, seed, grid: kept.grid, steps, done: [...kept.steps], picture, under, around };
  desk.reels.set(id, reel);
  return reel;
}

/** The larger picture that a window lies in: the base's, or read again from its file. */
async function aroundOf(desk: Desk, { result: { origin, frame }, around }: Kept): Promise<Reel['around']> {
  if (!frame || !around) return undefined;
  const base = origin?.kind === 'edit' ? desk.reels.get(origin.baseId ?? '') : undefined;
  return base?.around ?? { image: await desk.readSurroundings(around), frame };
}

/** The picture that an edit was made on, while it is kept: its steps are seen over it. */
async function underOf(desk: Desk, { result: { origin } }: Kept): Promise<Reel['under']> {
  if (origin?.kind !== 'edit' || origin.baseId === undefined) return undefined;
  const picture = (await readReel(desk, origin.baseId))?.picture;
  return picture && { picture, open: origin.mask, ...(origin.extended && { at: origin.extended.at }) };
}

/** Star a result, or take its star away. */
export async function toggleStar(desk: Desk, id: string): Promise<void> {
  const result = find(desk, id);
  const kept = desk.kept.get(id);
  if (!result || !kept) return;
  const starred = !result.starred;
  desk.store.getState().star(id, starred);
  desk.store.getState().announce(starred ? 'Starred.' : 'Star removed.');
  const changed = { ...kept, result: { ...kept.result, starred } };
  desk.kept.set(id, changed);
  await store(desk, changed);
}

/** Delete a result; Undo brings it back. The neighbour takes its place on the stage. */
export async function deleteResult(desk: Desk, id: string): Promise<void> {
  const { results, removeResult, notify, reelId } = desk.store.getState();
  const index = results.findIndex((result) => result.id === id);
  if (index < 0) return;
  removeResult(id);
  notify('Picture deleted.', 'undo');
  if (reelId === id) {
    const neighbour = desk.store.getState().results[Math.min(index, results.length - 2)];
    if (neighbour) await openResult(desk, neighbour.id);
    else desk.store.getState().clearStage();
  }
  await desk.shelf.remove(id).catch(() => undefined);
}

/** Bring back what was deleted last. */
export async function undoDelete(desk: Desk): Promise<void> {
  const result = desk.store.getState().bringBack();
  if (!result) return;
  desk.store.getState().dismissNotice();
  desk.store.getState().announce('Picture brought back.');
  const kept = desk.kept.get(result.id);
  await openResult(desk, result.id);
  if (kept) await store(desk, kept);
}

/** How many pictures give way when the storage is full. */
const ROOM = 10;

/** Delete the oldest pictures that have no star, then try to keep what found no room. */
export async function makeRoom(desk: Desk): Promise<void> {
  const { results, report, notify, removeResult } = desk.store.getState();
  const oldest = results
    .filter(({ starred }) => !starred)
    .slice(1)
    .slice(-ROOM);
  report(undefined);
  for (const { id } of oldest) {
    removeResult(id);
    await desk.shelf.remove(id).catch(() => undefined);
  }
  desk.store.getState().emptyTrash();
  notify(oldest.length > 0 ? `${oldest.length} pictures deleted.` : 'Every picture has a star; nothing was deleted.');
  const newest = desk.store.getState().results[0];
  const kept = newest && desk.kept.get(newest.id);
  if (kept) await store(desk, kept);
}

/** Ask for the same again: the result's class, settings and, unless it is a remix, its seed. */
export function reuseSettings({ store }: Desk, result: Result, withSeed: boolean): void {
  const { change, notify } = store.getState();
  const { classId, settings, seed } = result;
  change({ classId, settings, ...(withSeed ? { seed, seedLocked: true } : { seedLocked: false }) });
  notify(withSeed ? `Settings and seed ${seed} are set.` : 'Settings are set; the seed stays free.');
}

/**
 * The picture as a PNG file for other programs: pixel art is enlarged, every pixel a square; a window of a larger picture
 * is pasted back into that, in which every other pixel is as it was.
 */
export async function exportPng(desk: Desk, id: string, size: 'large' | 'original'): Promise<Blob | undefined> {
  const picture = (await readReel(desk, id))?.picture;
  if (!picture) return undefined;
  const { around, result } = desk.kept.get(id) ?? {};
  if (around && result?.frame) return desk.pasteBack(around, picture, result.frame);
  return size === 'large' && !result?.pixels ? enlarged(picture, factorOf(desk)) : picture.png;
}

/** How many times a saved picture is enlarged; 1 for models that are not pixel art. */
export function factorOf({ store }: Desk): number {
  const { size, pixelArt } = store.getState().manifest?.config.image ?? { size: LARGE_PIXELS, pixelArt: false };
  return pixelArt ? Math.max(1, Math.floor(LARGE_PIXELS / size)) : 1;
}

/** Save the picture as a file named after class and seed. */
export async function downloadResult(desk: Desk, id: string, size: 'large' | 'original' = 'large'): Promise<void> {
  const png = await exportPng(desk, id, size);
  const result = find(desk, id);
  if (!png || !result) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(png);
  link.download = `${result.className.replaceAll(/\W+/g, '-')}-${result.seed}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  desk.store.getState().notify(`Saved as ${link.download}`);
}

/** Copy the picture to the clipboard. */
export async function copyResult(desk: Desk, id: string): Promise<void> {
  const { notify } = desk.store.getState();
  try {
    // Safari wants the promise inside the item: the press must lead straight to the clipboard.
    const png = exportPng(desk, id, 'large').then((blob) => blob ?? Promise.reject(new Error('no picture')));
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
    notify('Picture copied.');
  } catch {
    notify('The browser did not allow copying. Download works.');
  }
}

function find({ store: { getState } }: Desk, id: string): Result | undefined {
  return getState().results.find((result) => result.id === id);
}

async function store(desk: Desk, kept: Kept): Promise<void> {
  try {
    await desk.shelf.put(kept);
  } catch (error) {
    const isFull = (error as { name?: unknown } | null)?.name === 'QuotaExceededError';
    if (isFull) desk.store.getState().report({ name: 'StorageFull', message: String(error) });
  }
}
