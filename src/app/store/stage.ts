import type { StateCreator } from 'zustand';
import type { Grid } from '../../core/grid.ts';
import { fitted, type Viewport } from '../canvas/viewport.ts';
import type { Studio } from './studio.ts';

/** What the stage shows: a run in the making, a kept result, or a recording that came with the model. */
export type Showing = 'nothing' | 'recording' | 'live' | 'result';
export type Overlay = 'none' | 'sureness';
export const speeds = [0.25, 0.5, 1, 2, 4] as const;
export type Speed = (typeof speeds)[number];

export interface RecordingCard {
  readonly reelId: string;
  readonly classId: number;
}

export interface StageSlice {
  readonly showing: Showing;
  /** Id of the reel on the stage; the reel itself lives outside the store. */
  readonly reelId: string | undefined;
  /** Its token grid, where that is not the model's. */
  readonly reelGrid: Grid | undefined;
  /** The frame to show, the furthest that can be shown now, and the one of the finished picture. */
  readonly frame: number;
  readonly availableFrames: number;
  readonly totalFrames: number;
  readonly playing: boolean;
  readonly speed: Speed;
  readonly overlay: Overlay;
  readonly gridShown: boolean;
  /** Whether open positions show the model's guess, dimmed. */
  readonly guessShown: boolean;
  readonly viewport: Viewport;
  /** Recorded runs that came with the model and are ready to be played. */
  readonly recordings: readonly RecordingCard[];
  /** Whether recordings follow one another by themselves: until somebody touches anything. */
  readonly touring: boolean;
  setTouring(touring: boolean): void;
  addRecording(card: RecordingCard): void;
  clearRecordings(): void;
  show(
    showing: Showing,
    reelId: string,
    frames: { frame: number; available: number; total: number; grid?: Grid | undefined },
  ): void;
  clearStage(): void;
  /** More frames of the reel on the stage can be shown; of another reel: no effect. */
  extend(reelId: string, available: number): void;
  /** The run of this reel ended after fewer steps than planned. */
  shorten(reelId: string, total: number): void;
  seek(frame: number): void;
  setPlaying(playing: boolean): void;
  setSpeed(speed: Speed): void;
  view(part: Partial<Pick<StageSlice, 'overlay' | 'gridShown' | 'guessShown' | 'viewport'>>): void;
}

export const stageSlice: StateCreator<Studio, [], [], StageSlice> = (set) => ({
  showing: 'nothing',
  reelId: undefined,
  reelGrid: undefined,
  frame: 0,
  availableFrames: 0,
  totalFrames: 9,
  playing: false,
  speed: 1,
  overlay: 'none',
  gridShown: false,
  guessShown: true,
  viewport: fitted,
  recordings: [],
  touring: false,
  setTouring: (touring) => set({ touring }),
  addRecording: (card) => set(({ recordings }) => ({ recordings: [...recordings, card] })),
  clearRecordings: () => set({ recordings: [], touring: false }),
  show: (showing, reelId, { frame, available, total, grid: reelGrid }) =>
    set({ showing, reelId, reelGrid, frame, availableFrames: available, totalFrames: total, playing: false }),
  clearStage: () =>
    set({
      showing: 'nothing',
      reelId: undefined,
      reelGrid: undefined,
      frame: 0,
      availableFrames: 0,
      totalFrames: 9,
      playing: false,
    }),
  extend: (reelId, available) => set((now) => (now.reelId === reelId ? { availableFrames: available } : now)),
  shorten: (reelId, total) => set((now) => (now.reelId === reelId ? { totalFrames: total } : now)),
  seek: (frame) => set((now) => ({ frame: Math.max(0, Math.min(now.availableFrames, Math.round(frame))) })),
  setPlaying: (playing) => set({ playing }),
  setSpeed: (speed) => set({ speed }),
  view: (part) => set(part),
});
