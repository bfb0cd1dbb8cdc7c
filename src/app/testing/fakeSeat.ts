import type { Recording } from '../../core/manifest.ts';
import { parseManifest } from '../../core/parseManifest.ts';
import type { EngineSeat } from '../commands/desk.ts';
import { fakeEngine } from './fakeEngine.ts';

/** For `VITE_ENGINE=fake npm run dev`: a seat whose engine paints what the recordings hold, at a watchable pace. */
export async function fakeSeat(modelUrl: string): Promise<EngineSeat> {
  const manifest = parseManifest(await (await fetch(modelUrl)).json(), 'model.json');
  const recordings = await Promise.all(
    (manifest.assets.recordings ?? []).map(async (file): Promise<Recording> => {
      return (await fetch(new URL(file, modelUrl))).json();
    }),
  );
  const engine = fakeEngine({
    manifest,
    stepMs: 300,
    tokensOf: async (classId) => {
      const recording = recordings.find((one) => one.class === classId) ?? recordings[classId % recordings.length];
      return recording && Int32Array.from(recording.steps.at(-1)!.tokens);
    },
  });
  return { engine, renew: () => undefined };
}
