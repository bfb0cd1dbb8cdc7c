import { Failure } from '../../core/failure.ts';
import { localId } from '../../core/localModel.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { choosable, suitableModel, type ModelCard } from '../../core/modelCard.ts';
import { parseManifest } from '../../core/parseManifest.ts';
import type { Desk } from './desk.ts';
import { listLocalModels, readLocalManifest } from './localModels.ts';

/** What is taken where the list cannot be had: an old copy of the page may know of none. */
const FALLBACK_ID = 'mini';

/** URL of a shipped model's model.json; the address of a local model is its own. */
export function modelUrlOf(ref: string): string {
  return localId(ref) === undefined ? new URL(`models/${ref}/model.json`, document.baseURI).href : ref;
}

/** Learn which models there are. */
export async function listModels({ store }: Pick<Desk, 'store'>): Promise<void> {
  const [cards, local] = await Promise.all([listShipped(), listLocalModels()]);
  const isRacer = ({ order }: ModelCard): boolean => order === 'raster';
  store.getState().offer({ shipped: cards.filter((card) => !isRacer(card)), racers: cards.filter(isRacer), local });
}

async function listShipped(): Promise<readonly ModelCard[]> {
  try {
    const response = await fetch(new URL('models/index.json', document.baseURI));
    return response.ok ? ((await response.json()) as readonly ModelCard[]) : [];
  } catch {
    return [];
  }
}

/**
 * Take a model: what the visitor chose earlier while it is there, else what suits the device. Only where there is a
 * choice does it wait for the GPU.
 */
export async function pickModel({ store, seat }: Pick<Desk, 'store' | 'seat'>): Promise<string> {
  const { chosenRef, shipped, local, takeModel, notify } = store.getState();
  if (chosenRef !== undefined) {
    const id = localId(chosenRef);
    if ((id === undefined ? shipped : local).some((card) => card.id === (id ?? chosenRef))) {
      takeModel(chosenRef);
      return chosenRef;
    }
    if (id !== undefined) notify('The model you used last is no longer on this device.');
  }
  const choice = await choose({ store, seat });
  takeModel(choice.ref, choice.reason);
  return choice.ref;
}

/** The shipped model that suits the device. */
export async function suitable(desk: Pick<Desk, 'store' | 'seat'>): Promise<string> {
  return (await choose(desk)).ref;
}

async function choose({ store, seat }: Pick<Desk, 'store' | 'seat'>) {
  const { shipped } = store.getState();
  const isFallback = choosable(shipped).length > 1 ? await isSoftware(seat) : undefined;
  const choice = suitableModel(shipped, isFallback);
  return { ref: choice?.card.id ?? FALLBACK_ID, reason: choice?.reason };
}

/** Whether the engine computes in software; undefined when it has no GPU at all, which is told when it is wanted. */
async function isSoftware(seat: Desk['seat']): Promise<boolean | undefined> {
  return seat.engine.open().then(
    ({ isFallback }) => isFallback,
    () => undefined,
  );
}

/** The model.json of an address. Failures: Download, BadFile. */
export async function fetchManifest(url: string): Promise<ModelManifest> {
  const id = localId(url);
  if (id !== undefined) {
    const manifest = await readLocalManifest(id);
    if (manifest) return withNames(manifest);
    throw new Failure('BadFile', 'The model is no longer on this device; choose another one, or bring it in again.');
  }
  const response = await fetch(url).catch((cause: unknown) => {
    throw new Failure('Download', 'model.json could not be fetched; check the connection and try again.', { cause });
  });
  if (!response.ok) throw new Failure('Download', `model.json answered ${response.status}; reload the page.`);
  const json: unknown = await response.json().catch((cause: unknown) => {
    throw new Failure('BadFile', 'model.json is not JSON; the copy on the server is broken.', { cause });
  });
  return withNames(parseManifest(json, 'model.json'));
}

/** Classes that have indices only are called by them, so that they can be listed, searched and chosen all the same. */
function withNames(manifest: ModelManifest): ModelManifest {
  const { classes, config } = manifest;
  if (classes.length > 0 || !config.transformer) return manifest;
  const names = Array.from({ length: config.transformer.classes }, (_, i) => ({ name: `class ${i}`, aliases: [] }));
  return { ...manifest, classes: names };
}
