import { localId } from '../../core/localModel.ts';
import type { Desk } from './desk.ts';

/**
 * A model that was brought in has painted: from now on it is worth keeping, and the browser is asked, once a visit, not
 * to clear it when space runs short. Where it does not promise that, the shelf of models says so.
 */
export async function keepOnceUsed(desk: Desk): Promise<void> {
  if (localId(desk.modelUrl) === undefined || desk.hasAskedToKeep) return;
  desk.hasAskedToKeep = true;
  try {
    const { storage } = navigator;
    if (!(await storage.persisted())) await storage.persist();
  } catch {
    // A browser without such promises.
  }
}
