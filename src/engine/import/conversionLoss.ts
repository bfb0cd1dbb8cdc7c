import type { Stop } from '../../core/engine.ts';
import { MASK, positionCount } from '../../core/grid.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { randomBits, uniform } from '../../core/rng.ts';
import type { OpenDevice } from '../../gpu/open.ts';
import { loadSession } from '../load.ts';
import { Session } from '../session.ts';
import type { ModelSource } from '../source.ts';
import type { NetworkOptions } from './infer.ts';
import { openNetworks, type NetworkFiles } from './networks.ts';

/** How far the weights that were written are from those of the files; a number is absent without its network. */
export interface ConversionLoss {
  /** Share of positions whose likeliest code is the same, 0 to 1. */
  readonly sameCode?: number;
  /** Σ (converted − original)² / Σ original² over the logits. */
  readonly logitsNmse?: number;
  /** Of decoded pixels, in dB of the range 0 to 1; infinite when they are equal. */
  readonly pixelsPsnrDb?: number;
}

/** What is compared. */
export interface Comparison {
  readonly files: NetworkFiles;
  readonly options: NetworkOptions;
  /** The model that was written from them. */
  readonly converted: ModelSource;
  /** How many random token grids; a transformer pass and a decode of each network for each. */
  readonly grids: number;
  /** Told after every grid of each of the two. */
  readonly onPass?: (done: number, total: number) => void;
}

/**
 * Run the networks of the files and those that were written from them on the same random tokens. One of them is on the
 * device at a time, so that it takes no more memory than a picture does.
 * @param failure rejects when the device is lost
 */
export async function conversionLoss(
  opened: OpenDevice,
  failure: Promise<never>,
  { files, options, converted, grids, onPass = () => {} }: Comparison,
  stop: Stop,
): Promise<ConversionLoss> {
  const { session } = await loadSession(opened, failure, converted, { stop, ready: false });
  const { manifest } = session;
  const found = await outputsOf(session, grids, stop, (done) => onPass(done, 2 * grids));
  const places = new Map((await openNetworks(files, options)).places().map((place) => [place.name, place]));
  const original = new Session(manifest, opened, failure);
  original.useFiles(
    {
      storedBytes: () => 0,
      read: async (name) => ({ shape: places.get(name)!.shape, values: await places.get(name)!.read() }),
    },
    async () => {},
  );
  const wanted = await outputsOf(original, grids, stop, (done) => onPass(grids + done, 2 * grids));
  return lossOf(wanted, found, manifest);
}

/** The loss as a manifest's `quality` keeps it; what is infinite is left out. */
export function qualityOf({ sameCode, logitsNmse, pixelsPsnrDb }: ConversionLoss): ModelManifest['quality'] {
  const named = { conversionSameCode: sameCode, conversionLogitsNmse: logitsNmse, conversionPsnrDb: pixelsPsnrDb };
  return Object.fromEntries(
    Object.entries(named).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
}

interface Outputs {
  /** One a grid, [positions, codebook] and [size, size, 3]. */
  readonly logits: readonly Float32Array[];
  readonly pixels: readonly Float32Array[];
}

/** Run what the session has of networks, then let go of it. */
async function outputsOf(
  session: Session,
  grids: number,
  stop: Stop,
  onGrid: (done: number) => void,
): Promise<Outputs> {
  const { grid, transformer, tokenizer } = session.config;
  const codes = (transformer ?? tokenizer!).codebook;
  const logits: Float32Array[] = [];
  const pixels: Float32Array[] = [];
  try {
    for (let i = 0; i < grids; i++) {
      stop.throwIfAborted();
      const tokens = Int32Array.from({ length: positionCount(grid) }, (_, p) => Math.floor(codes * chance(i, p, 0)));
      if (tokenizer) pixels.push(await session.decode(tokens));
      // The first grid is all masked, as pictures begin; the last has one masked of as many.
      const masked = tokens.map((code, p) => (chance(i, p, 1) * (i + 1) < 1 ? MASK : code));
      if (transformer) logits.push(await session.logits(masked, Math.floor((transformer.classes * i) / grids)));
      onGrid(i + 1);
    }
  } finally {
    await session.destroy();
  }
  return { logits, pixels };
}

function chance(grid: number, position: number, lane: number): number {
  return uniform(randomBits(grid, 0, position, lane));
}

function lossOf(original: Outputs, converted: Outputs, { config }: ModelManifest): ConversionLoss {
  const { transformer, tokenizer } = config;
  const logits = differenceOf(original.logits, converted.logits);
  const pixels = differenceOf(original.pixels, converted.pixels);
  return {
    ...(transformer && {
      sameCode: agreement(original.logits, converted.logits, transformer.codebook),
      logitsNmse: logits.squared / logits.energy,
    }),
    ...(tokenizer && { pixelsPsnrDb: -10 * Math.log10(pixels.squared / pixels.count) }),
  };
}

function differenceOf(a: readonly Float32Array[], b: readonly Float32Array[]) {
  let [squared, energy, count] = [0, 0, 0];
  for (const [i, values] of a.entries()) {
    const others = b[i]!;
    for (let at = 0; at < values.length; at++) {
      squared += (values[at]! - others[at]!) ** 2;
      energy += values[at]! ** 2;
    }
    count += values.length;
  }
  return { squared, energy, count };
}

function agreement(a: readonly Float32Array[], b: readonly Float32Array[], codebook: number): number {
  let [same, all] = [0, 0];
  for (const [i, values] of a.entries()) {
    for (let start = 0; start < values.length; start += codebook, all++) {
      if (likeliest(values, start, codebook) === likeliest(b[i]!, start, codebook)) same++;
    }
  }
  return same / all;
}

function likeliest(values: Float32Array, start: number, count: number): number {
  let best = start;
  for (let at = start + 1; at < start + count; at++) if (values[at]! > values[best]!) best = at;
  return best - start;
}
