import type { StateCreator } from 'zustand';
import type { Studio } from './studio.ts';

/** What the engine is doing for us: always exactly one of these. */
export type Job =
  | { readonly kind: 'idle' }
  /** Asked for before the model was there; begins by itself. */
  | { readonly kind: 'waiting'; readonly id: number }
  | Running;

export interface Running {
  readonly kind: 'running';
  readonly id: number;
  /** 1-based number of the picture in this press, or of the first that are painted `together`, and how many there are. */
  readonly picture: number;
  readonly together: number;
  readonly pictures: number;
  /** Executed steps of this picture, and how many its schedule has. */
  readonly step: number;
  readonly steps: number;
  /** Median of the steps so far; 0 before the first. */
  readonly stepMs: number;
}

export interface JobSlice {
  readonly job: Job;
  /** ms a step of the last finished picture; 0 before there is one. */
  readonly lastStepMs: number;
  wait(id: number): void;
  begin(id: number, picture: number, pictures: number, steps: number, together?: number): void;
  reach(id: number, step: number, stepMs: number): void;
  end(id: number): void;
}

/** Events of a job that is no longer the current one change nothing. */
export const jobSlice: StateCreator<Studio, [], [], JobSlice> = (set, get) => {
  const isCurrent = (id: number): boolean => {
    const { job } = get();
    return job.kind !== 'idle' && job.id === id;
  };
  return {
    job: { kind: 'idle' },
    lastStepMs: 0,
    wait: (id) => set({ job: { kind: 'waiting', id } }),
    begin: (id, picture, pictures, steps, together = 1) =>
      set({ job: { kind: 'running', id, picture, together, pictures, step: 0, steps, stepMs: 0 } }),
    reach: (id, step, stepMs) =>
      isCurrent(id) && set(({ job }) => (job.kind === 'running' ? { job: { ...job, step, stepMs } } : {})),
    end: (id) =>
      isCurrent(id) &&
      set(({ job, lastStepMs }) => ({
        job: { kind: 'idle' },
        lastStepMs: job.kind === 'running' && job.stepMs > 0 ? job.stepMs : lastStepMs,
      })),
  };
};
