import { speeds } from '../store/stage.ts';
import type { Studio, StudioStore } from '../store/studio.ts';
import { playNextRecording } from './recordings.ts';
import type { Desk } from './desk.ts';

/** A live run shows each step at least this long, so that quick machines can be watched too. */
const LIVE_STEP_MS = 60;
/** How long a finished recording stays before the next one, while the model is on its way. */
const TOUR_REST_MS = 2600;

/** How long the frame on the stage stays while playing. */
export function frameMs({ showing, speed, totalFrames, job, frame }: Studio): number {
  if (showing === 'live' && job.kind === 'running') return LIVE_STEP_MS;
  const first = frame === 0 ? 1.6 : 1;
  return (first * Math.min(300, Math.max(90, 1800 / totalFrames))) / speed;
}

/** Move on to the next frame when its time has come; returns in how many ms to look again, or undefined to rest. */
export function advance(store: StudioStore, shownForMs: number): number | undefined {
  const studio = store.getState();
  if (!studio.playing) return undefined;
  if (studio.frame >= studio.totalFrames) {
    studio.setPlaying(false);
    return undefined;
  }
  if (studio.frame >= studio.availableFrames) return undefined; // a live run: the next step wakes us
  const left = frameMs(studio) - shownForMs;
  if (left <= 0) studio.seek(studio.frame + 1);
  return Math.max(0, left);
}

/** Play from here, or from the start when the picture is already there; pause when playing. */
export function togglePlay({ store }: Pick<Desk, 'store'>): void {
  const { playing, frame, totalFrames, seek, setPlaying, setTouring } = store.getState();
  setTouring(false);
  if (!playing && frame >= totalFrames) seek(0);
  setPlaying(!playing);
}

/** Go to a frame by hand: it stays there. */
export function seekTo({ store }: Pick<Desk, 'store'>, frame: number): void {
  const { seek, setPlaying, setTouring } = store.getState();
  setTouring(false);
  setPlaying(false);
  seek(frame);
}

export function changeSpeed({ store }: Pick<Desk, 'store'>, by: 1 | -1): void {
  const { speed, setSpeed, announce } = store.getState();
  const next = speeds[Math.min(speeds.length - 1, Math.max(0, speeds.indexOf(speed) + by))] ?? 1;
  setSpeed(next);
  announce(`Speed ${next} times.`);
}

/** While the model loads, let the recordings follow one another until somebody touches anything. */
export function keepTouring(desk: Desk): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const unsubscribe = desk.store.subscribe(({ touring, playing, showing, machine, recordings }) => {
    const isDue = touring && !playing && showing === 'recording' && recordings.length > 1 && machine.kind !== 'ready';
    if (!isDue) {
      clearTimeout(timer);
      timer = undefined;
    } else {
      timer ??= setTimeout(() => {
        timer = undefined;
        playNextRecording(desk);
      }, TOUR_REST_MS);
    }
  });
  return () => (clearTimeout(timer), unsubscribe());
}
