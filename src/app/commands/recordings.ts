import { Failure } from '../../core/failure.ts';
import { positionCount, type Grid } from '../../core/grid.ts';
import type { Recording } from '../../core/manifest.ts';
import { lastFrame, pictureFrame, type Reel } from '../canvas/reel.ts';
import { isMotionReduced } from './motion.ts';
import { assetUrl, type Desk } from './desk.ts';

const PNG_URL = 'data:image/png;base64,';

/** A recording as its file states it, checked: a broken one is a BadFile, never a broken stage. */
export function parseRecording(json: unknown, where: string, grid: Grid): Recording {
  const fault = faultOf(json, positionCount(grid));
  if (fault) throw new Failure('BadFile', `${where}: ${fault}; this recording cannot be played.`);
  return json as Recording;
}

/** What is wrong with a recording, or undefined. */
function faultOf(json: unknown, positions: number): string | undefined {
  if (typeof json !== 'object' || json === null) return 'it is no object';
  const { class: classId, seed, steps, png } = json as Partial<Record<keyof Recording, unknown>>;
  if (!Number.isInteger(classId) || !Number.isInteger(seed)) return 'class or seed is missing';
  if (!Array.isArray(steps) || steps.length === 0) return 'it has no steps';
  const bad = steps.findIndex((step: unknown) => !isStep(step, positions));
  if (bad >= 0) return `step ${bad + 1} does not hold ${positions} tokens, guesses and probabilities`;
  return typeof png === 'string' && png.startsWith(PNG_URL) ? undefined : 'its picture is not a PNG';
}

function isStep(step: unknown, positions: number): boolean {
  const isRow = (row: unknown): boolean =>
    Array.isArray(row) && row.length === positions && row.every((value) => Number.isFinite(value));
  const { tokens, guess, logProb } = (step ?? {}) as Record<string, unknown>;
  return isRow(tokens) && isRow(guess) && isRow(logProb);
}

/** Fetch a recording and make it ready to be played. */
export async function loadRecording(desk: Desk, file: string, grid: Grid): Promise<Reel> {
  const { modelUrl } = desk;
  const response = await fetch(assetUrl(desk, file));
  if (!response.ok)
    throw new Failure('Download', `${file} answered ${response.status}; check the connection and reload.`);
  const { class: classId, seed, steps, png } = parseRecording(await response.json(), file, grid);
  const reel: Reel = {
    id: `recording:${file}`,
    classId,
    seed,
    grid,
    steps: steps.length,
    done: steps.map(({ tokens, guess, logProb }) => ({
      tokens: Int32Array.from(tokens),
      guess: Int32Array.from(guess),
      logProb: Float32Array.from(logProb),
    })),
    picture: await desk.fromPng(pngBlob(png)),
  };
  if (desk.modelUrl === modelUrl) {
    desk.reels.set(reel.id, reel);
    desk.store.getState().addRecording({ reelId: reel.id, classId });
  }
  return reel;
}

function pngBlob(url: string): Blob {
  const bytes = Uint8Array.from(atob(url.slice(PNG_URL.length)), (char) => char.charCodeAt(0));
  return new Blob([bytes], { type: 'image/png' });
}

/** Put a recording on the stage and play it; where motion is reduced it shows its picture and waits. */
export function playRecording({ store, reels }: Desk, reelId: string): void {
  const reel = reels.get(reelId);
  if (!reel) return;
  const { show, setPlaying } = store.getState();
  const still = isMotionReduced(store);
  const total = pictureFrame(reel.done.length);
  show('recording', reelId, { frame: still ? total : 0, available: lastFrame(reel), total, grid: reel.grid });
  if (!still) setPlaying(true);
}

/** Play the recording after the one on the stage. */
export function playNextRecording(desk: Desk): void {
  const { recordings, reelId } = desk.store.getState();
  const now = recordings.findIndex((card) => card.reelId === reelId);
  const next = recordings[(now + 1) % recordings.length];
  if (next) playRecording(desk, next.reelId);
}

/** The recording of a class, if there is one. */
export function recordingOf({ store }: Desk, classId: number): string | undefined {
  return store.getState().recordings.find((card) => card.classId === classId)?.reelId;
}
