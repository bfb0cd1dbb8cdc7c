import { requestOfPicture } from '../../core/batch.ts';
import type { Engine, GenerateResult, LoadedModel, StepEvent, Stop } from '../../core/engine.ts';
import { blankTokens, MASK, positionCount, type Grid } from '../../core/grid.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import type { GenerateRequest } from '../../core/request.ts';

export interface FakeOptions {
  readonly manifest: ModelManifest;
  /** How long a step takes. */
  readonly stepMs?: number;
  /** How many pictures the page is told to ask for as one batch. */
  readonly picturesAtOnce?: number;
  /** Replaces any method, to make it fail or wait. */
  readonly override?: Partial<Engine>;
  /** Tokens that a class is painted with; raster numbers otherwise. */
  readonly tokensOf?: (classId: number) => Promise<Int32Array | undefined>;
}

/** An engine without a GPU: fixes tokens in raster order and paints plain squares. For tests and `VITE_ENGINE=fake`. */
export function fakeEngine(options: FakeOptions): Engine {
  const { manifest, stepMs = 0, picturesAtOnce = 1, override = {}, tokensOf } = options;
  const grid = manifest.config.grid;
  const adapter = { vendor: 'fake', architecture: 'none', description: '', isFallback: true, features: [] };
  const engine: Engine = {
    open: async () => adapter,
    load: async (_url, onProgress): Promise<LoadedModel> => {
      const totalBytes = manifest.shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      for (let part = 0; part <= 10; part++) {
        onProgress({ stage: 'download', doneBytes: (totalBytes * part) / 10, totalBytes, fromCache: false });
        await pause(stepMs * 4);
      }
      for (const stage of ['verify', 'upload', 'compile', 'warmUp', 'ready'] as const) {
        onProgress({ stage, doneBytes: totalBytes, totalBytes, fromCache: false });
        await pause(stepMs);
      }
      return { manifest, grid, adapter, weightBytes: totalBytes, scratchBytes: 1e6, loadMs: 12, picturesAtOnce };
    },
    generate: async (request, onStep, stop) =>
      paint(request, grid, manifest.config.image.size, await tokensOf?.(request.classId), onStep, stop, stepMs),
    // Of a batch each picture is painted at the same time as the others, as `generate` paints it.
    generateBatch: (batch, onStep, stop) =>
      Promise.all(
        batch.pictures.map((_, picture) =>
          engine.generate(requestOfPicture(batch, picture), (event) => onStep({ ...event, picture }), stop),
        ),
      ),
    encode: async () => blankTokens(grid).fill(0),
    decode: async () => plainPicture(manifest.config.image.size, 0),
    topCodes: async ({ tokens, position }, count) => {
      const codes = Int32Array.from({ length: count }, (_, i) => tokens[position]! + i);
      return { codes, probabilities: Float32Array.from(codes, (_, i) => 0.5 ** (i + 1)), own: 0.5 };
    },
    likelihoods: async (tokens) => Float32Array.from(tokens, (_, p) => (p + 1) / tokens.length),
    tuning: async () => ({ isSoftware: adapter.isFallback, products: [] }),
    ...override,
  };
  return engine;
}

async function paint(
  { classId, seed, settings: { steps }, wantsPicture }: GenerateRequest,
  grid: Grid,
  size: number,
  known: Int32Array | undefined,
  onStep: (event: StepEvent) => void,
  stop: Stop,
  stepMs: number,
): Promise<GenerateResult> {
  const positions = positionCount(grid);
  const full = Int32Array.from({ length: positions }, (_, p) => known?.[p] ?? p + classId);
  const order = Int32Array.from(full, (_, p) => (p * 37 + seed * 11) % positions);
  let executed = 0;
  for (let step = 0; step < steps && !stop.aborted; step++) {
    await pause(stepMs);
    const open = step + 1 < steps ? Math.floor(positions * Math.cos((Math.PI / 2) * ((step + 1) / steps))) : 0;
    const tokens = full.map((token, p) => (order[p]! < positions - open ? token : MASK));
    const logProb = Float32Array.from(full, (_, p) => -0.05 - ((p * 13 + step) % 17) / 9);
    onStep({ step, steps, tokens, guess: full.slice(), logProb, confidence: logProb.slice(), ms: stepMs || 1 });
    executed++;
  }
  const picture = plainPicture(wantsPicture === false ? 0 : size, classId);
  return { tokens: full, picture, steps: executed, stopped: executed < steps, stepMs: stepMs || 1, decodeMs: 1 };
}

function plainPicture(size: number, classId: number): GenerateResult['picture'] {
  const rgba = new Uint8ClampedArray(size * size * 4);
  for (let i = 0; i < size * size; i++) rgba.set([(classId * 40) % 256, (i * 255) / (size * size), 140, 255], i * 4);
  return { width: size, height: size, rgba };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
