import { positionCount } from '../../core/grid.ts';
import { median } from '../../core/median.ts';
import type { Reel } from '../canvas/reel.ts';
import { modelGrid } from '../store/grids.ts';
import type { Result } from '../store/results.ts';
import type { Desk } from './desk.ts';
import { keepOnceUsed } from './keepModels.ts';
import type { PaintRun } from './paintRun.ts';
import { keepResult } from './results.ts';

/** What a run came to. */
export interface Painted {
  /** [positions] of the whole picture. */
  readonly tokens: Int32Array;
  readonly stopped: boolean;
  readonly stepMs: number;
}

/** ms a step: the median, because the first step may have waited for what the others find ready; 0 before the first. */
export function paceOf(stepsMs: readonly number[]): number {
  return stepsMs.length > 0 ? median(stepsMs) : 0;
}

/** Keep what a run painted: its reel, with the picture in it, among the pictures and on the shelf. */
export async function keepPainted(desk: Desk, plan: PaintRun, reel: Reel, painted: Painted): Promise<Result> {
  const { name, origin, grid } = plan;
  const { stopped, stepMs, tokens } = painted;
  const own = modelGrid(desk.store.getState());
  const picture = reel.picture!;
  const size = desk.store.getState().manifest?.config.image.size ?? picture.width;
  const isOfOwnSize = !reel.around && picture.width * own.cols !== size * grid.cols;
  const result: Result = {
    id: reel.id,
    modelId: desk.store.getState().manifest?.id ?? '',
    classId: reel.classId,
    className: name,
    seed: reel.seed,
    // A part of few cells takes fewer steps than were asked for.
    settings: plan.parts.map(({ request }) => request.settings).reduce((a, b) => (b.steps > a.steps ? b : a)),
    createdAtMs: Date.now(),
    starred: false,
    steps: reel.done.length,
    stopped,
    stepMs,
    ...(origin && { origin }),
    ...(positionCount(grid) !== positionCount(own) && { grid }),
    ...(isOfOwnSize && { pixels: [picture.width, picture.height] as const }),
    url: picture.url,
  };
  await keepResult(desk, result, reel, tokens);
  void keepOnceUsed(desk);
  return result;
}
