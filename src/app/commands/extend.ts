import type { Direction } from '../../core/panorama.ts';
import { fitted } from '../canvas/viewport.ts';
import { baseOf } from './base.ts';
import { settle } from './boxes.ts';
import type { Desk } from './desk.ts';
import { extensionProblem, extensionRun, stagedExtension } from './extension.ts';
import { generate } from './generate.ts';

/** Paint half a picture more on one side, or `by` cells, as the chosen class; a staged result that is on show is kept first. */
export async function extendPicture(desk: Desk, direction: Direction, by?: number): Promise<void> {
  const { store } = desk;
  if (store.getState().job.kind !== 'idle') return;
  const problem = extensionProblem(store.getState(), direction, by);
  if (problem !== undefined) return store.getState().notify(problem);
  settle(desk);
  await paintExtension(desk, direction, by);
}

/** Another seed, at once: for what runs, which is dropped for it, for the extension on show, or for what Generate paints. */
export async function tryAnew(desk: Desk): Promise<void> {
  desk.store.getState().change({ seedLocked: false });
  if (desk.store.getState().job.kind !== 'idle') return generate(desk, desk.plan);
  const extension = stagedExtension(desk.store.getState());
  await (extension ? paintExtension(desk, extension.direction, extension.by) : generate(desk));
}

async function paintExtension(desk: Desk, direction: Direction, by?: number): Promise<void> {
  const base = await baseOf(desk);
  if (!base) return;
  // The new part must be in sight while it is painted.
  desk.store.getState().view({ viewport: fitted });
  await generate(desk, async () => extensionRun(desk, base, direction, by));
}
