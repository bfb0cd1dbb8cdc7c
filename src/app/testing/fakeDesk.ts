import type { Engine } from '../../core/engine.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { defaultSettings } from '../../core/request.ts';
import type { Desk } from '../commands/desk.ts';
import { memoryShelf, type Shelf } from '../commands/shelf.ts';
import type { PictureSource } from '../canvas/reel.ts';
import { createStudio } from '../store/studio.ts';
import { fakeEngine } from './fakeEngine.ts';

/** A card of a model of 4 × 4 tokens and three classes. */
export const tinyManifest: ModelManifest = {
  format: 'unmask-model',
  version: 1,
  id: 'tiny',
  name: 'Tiny',
  summary: 'For tests.',
  licence: { name: 'MIT', attribution: '' },
  config: {
    image: { size: 8, pixelArt: true },
    grid: { rows: 4, cols: 4 },
    transformer: {
      width: 8,
      layers: 1,
      heads: 1,
      mlp: 8,
      codebook: 32,
      classes: 3,
      nullClass: true,
      layerEps: 1e-12,
      gelu: 'tanh',
    },
  },
  classes: [
    { name: 'dog', aliases: ['puppy'] },
    { name: 'fox', aliases: ['vixen'] },
    { name: 'castle', aliases: ['fortress', 'palace'] },
  ],
  shards: [{ file: 'weights-0.safetensors', sizeBytes: 2_000_000, sha256: '0'.repeat(64) }],
  sampler: { ...defaultSettings, steps: 4 },
  quality: {},
  assets: {},
};

/** A desk without a browser: a fake engine, a forgetful shelf, pictures that are only counted. */
export function fakeDesk({ engine = {}, shelf }: { engine?: Partial<Engine>; shelf?: Shelf } = {}) {
  const source: PictureSource = { image: {} as CanvasImageSource, width: 8, height: 8, url: 'blob:x', png: new Blob() };
  const seats = { renewed: 0 };
  const make = (): Engine => fakeEngine({ manifest: tinyManifest, override: engine });
  let seated = make();
  const desk: Desk = {
    store: createStudio(),
    seat: {
      get engine() {
        return seated;
      },
      renew: () => {
        seats.renewed++;
        seated = make();
      },
    },
    shelf: shelf ?? memoryShelf(),
    modelUrl: 'http://localhost/models/tiny/model.json',
    reels: new Map(),
    kept: new Map(),
    toSource: async () => source,
    toPixels: () => ({ width: 0, height: 0, rgba: new Uint8ClampedArray() }),
    fromPng: async () => source,
    readSurroundings: async () => ({}) as CanvasImageSource,
    pasteBack: async () => new Blob(),
    randomSeed: () => 41,
  };
  const { setManifest, setDefaults, tune } = desk.store.getState();
  setManifest(tinyManifest);
  setDefaults(tinyManifest.sampler);
  tune(tinyManifest.sampler);
  return { desk, seats };
}

/** The same, with the engine opened and the model loaded. */
export function readyDesk(options: Parameters<typeof fakeDesk>[0] = {}) {
  const made = fakeDesk(options);
  made.desk.store
    .getState()
    .setMachine({ kind: 'ready', model: { weightBytes: 1, scratchBytes: 1, loadMs: 1, picturesAtOnce: 1 } });
  return made;
}
