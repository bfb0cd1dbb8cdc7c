import type { Engine, Picture } from '../../core/engine.ts';
import { MASK, positionCount } from '../../core/grid.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { defaultSettings, type GenerateRequest } from '../../core/request.ts';
import { followStage } from '../commands/base.ts';
import type { Desk } from '../commands/desk.ts';
import { generate } from '../commands/generate.ts';
import { memoryShelf } from '../commands/shelf.ts';
import type { PictureSource } from '../canvas/reel.ts';
import { createStudio } from '../store/studio.ts';
import { fakeEngine } from './fakeEngine.ts';

const names = ['dog', 'cat', 'fox', 'bear', 'empty'];

/** A model of 8 × 8 cells of 4 pixels with five classes. */
export const smallManifest: ModelManifest = {
  format: 'unmask-model',
  version: 1,
  id: 'small',
  name: 'Small',
  summary: '',
  licence: { name: 'MIT', attribution: '' },
  config: {
    image: { size: 32, pixelArt: true },
    grid: { rows: 8, cols: 8 },
    tokenizer: { filters: 1, multipliers: [1], resBlocks: 1, groups: 1, groupEps: 1e-6, embedding: 1, codebook: 512 },
    transformer: {
      width: 1,
      layers: 1,
      heads: 1,
      mlp: 1,
      codebook: 512,
      classes: 5,
      nullClass: true,
      layerEps: 1e-12,
      gelu: 'tanh',
    },
  } as ModelManifest['config'],
  classes: names.map((name) => ({ name, aliases: [] })),
  shards: [],
  sampler: defaultSettings,
  quality: {},
  assets: {},
};

/** A desk whose engine paints a position as its class (token = class + 10 · seed) and a cell in its token's grey. */
export function editingDesk(manifest = smallManifest): { desk: Desk; requests: GenerateRequest[] } {
  const requests: GenerateRequest[] = [];
  let seed = 1;
  const desk: Desk = {
    store: createStudio(),
    seat: { engine: plainEngine(requests), renew: () => undefined },
    shelf: memoryShelf(),
    modelUrl: 'http://localhost/model.json',
    reels: new Map(),
    kept: new Map(),
    toSource: async (picture) => sourceOf(picture),
    toPixels: (source) => source.image as unknown as Picture,
    fromPng: async () => sourceOf(pictureOf(new Int32Array(64))),
    readSurroundings: async () => ({}) as CanvasImageSource,
    pasteBack: async () => new Blob(),
    randomSeed: () => seed++,
  };
  desk.store.getState().setManifest(manifest);
  desk.store
    .getState()
    .setMachine({ kind: 'ready', model: { weightBytes: 0, scratchBytes: 0, loadMs: 0, picturesAtOnce: 1 } });
  followStage(desk);
  return { desk, requests };
}

/** Pixels of a picture on the desk. */
export function pixelsOf(desk: Desk, id: string | undefined): Uint8ClampedArray {
  const picture = desk.reels.get(id ?? '')?.picture;
  if (!picture) throw new Error(`no picture ${id}`);
  return desk.toPixels(picture).rgba;
}

/** What the engine gives where tokens are all that is wanted: there is nothing to paste. */
const noPicture: Picture = { width: 0, height: 0, rgba: new Uint8ClampedArray(0) };

function plainEngine(requests: GenerateRequest[]): Engine {
  return fakeEngine({
    manifest: smallManifest,
    override: {
      generate: async (request, onStep) => {
        requests.push(request);
        const { classId, seed, tokens: start, classOfPosition } = request;
        const count = positionCount(smallManifest.config.grid);
        const tokens = Int32Array.from({ length: count }, (_, p) => {
          const known = start?.[p] ?? MASK;
          return known === MASK ? Math.max(0, classOfPosition?.[p] ?? classId) + 10 * (seed % 20) : known;
        });
        const logProb = Float32Array.from(tokens, (_, p) => ((start?.[p] ?? MASK) === MASK ? -0.1 - p / 100 : 0));
        onStep({ step: 0, steps: 1, tokens, guess: tokens, logProb, confidence: logProb, ms: 1 });
        const picture = request.wantsPicture === false ? noPicture : pictureOf(tokens);
        return { tokens, picture, steps: 1, stopped: false, stepMs: 1, decodeMs: 1 };
      },
      encode: async () => new Int32Array(64).fill(7),
      decode: async (tokens) => pictureOf(Int32Array.from(tokens)),
    },
  });
}

/** Cells in the grey of their token, and one shade on top that every token of the picture changes, as a decoder leaks. */
function pictureOf(tokens: Int32Array): Picture {
  const leak = tokens.reduce((sum, token) => sum + token, 0) % 7;
  const rgba = new Uint8ClampedArray(32 * 32 * 4).map((_, i) => {
    const pixel = i >> 2;
    const token = tokens[Math.floor(pixel / 32 / 4) * 8 + Math.floor((pixel % 32) / 4)] ?? 0;
    return i % 4 === 3 ? 255 : token + leak;
  });
  return { width: 32, height: 32, rgba };
}

function sourceOf(picture: Picture): PictureSource {
  const { width, height } = picture;
  return { image: picture as unknown as CanvasImageSource, width, height, url: 'blob:x', png: new Blob() };
}

/** A desk on which a first picture of class 2 was painted. */
export async function withPicture(manifest = smallManifest) {
  const made = editingDesk(manifest);
  made.desk.store.getState().change({ classId: 2 });
  await generate(made.desk);
  return made;
}
