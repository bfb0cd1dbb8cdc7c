import type { LoadStage } from '../core/engine.ts';

/** How long each stage of a load took, in ms, in the order in which they came. Compiling goes on beside the download. */
export type StageTimes = Readonly<Partial<Record<LoadStage, number>>>;

/** Listens to a load's progress and keeps the time between the stages. */
export class StageClock {
  readonly #ms: Partial<Record<LoadStage, number>> = {};
  #stage: LoadStage | undefined;
  #sinceMs = performance.now();

  reach(stage: LoadStage): void {
    const nowMs = performance.now();
    if (this.#stage !== undefined) this.#ms[this.#stage] = (this.#ms[this.#stage] ?? 0) + nowMs - this.#sinceMs;
    this.#stage = stage;
    this.#sinceMs = nowMs;
  }

  get times(): StageTimes {
    return { ...this.#ms };
  }
}
