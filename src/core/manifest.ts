import type { CloseUpRule } from './closeUp.ts';
import type { ModelConfig } from './config.ts';
import type { SamplerSettings } from './request.ts';

/** `model.json`: everything about a model but its weights. Parsed and checked by `parseManifest`. */
export interface ModelManifest {
  readonly format: 'unmask-model';
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  /** What is not right yet, in a sentence: such a model is offered, and never chosen for a visitor. */
  readonly early?: string;
  readonly licence: { readonly name: string; readonly attribution: string };
  readonly trained?: { readonly command: string; readonly commit: string };
  readonly config: ModelConfig;
  /** Entry i is class i; empty for a model whose classes have indices only. */
  readonly classes: readonly ModelClass[];
  readonly shards: readonly Shard[];
  readonly sampler: SamplerSettings;
  /** What repaints parts of a picture best, where that was measured to differ from `sampler`. */
  readonly editSampler?: SamplerSettings;
  /** Which boxes are repainted from near, where that was measured to be better. */
  readonly closeUp?: CloseUpRule;
  /** Measured quality, name → number or sentence. */
  readonly quality: Readonly<Record<string, number | string>>;
  readonly assets: ModelAssets;
}

export interface ModelClass {
  readonly name: string;
  readonly aliases: readonly string[];
  /** What it is a kind of, nearest first ("retriever", "dog", "animal"): a search finds it by these too. */
  readonly kinds?: readonly string[];
}

/** One safetensors file beside model.json. */
export interface Shard {
  readonly file: string;
  readonly sizeBytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** Pictures for the page; all optional, all beside model.json. */
export interface ModelAssets {
  /** One decoded tile of `atlasTile` × `atlasTile` pixels a codebook entry, `atlasCols` tiles a row. */
  readonly atlas?: string;
  readonly atlasTile?: number;
  readonly atlasCols?: number;
  /** One thumbnail a class, `thumbnailCols` a row, `thumbnailSize` pixels a side. */
  readonly classThumbnails?: string;
  readonly thumbnailSize?: number;
  readonly thumbnailCols?: number;
  /** Recorded runs (see `Recording`), for the first seconds of a first visit. */
  readonly recordings?: readonly string[];
}

/** A run recorded at training time; what the page plays before the model is there. */
export interface Recording {
  readonly class: number;
  readonly seed: number;
  readonly steps: readonly {
    /** [positions], -1 where still masked after the step. */
    readonly tokens: readonly number[];
    /** [positions], the full guess of the step. */
    readonly guess: readonly number[];
    /** [positions], natural logarithm of the guess's probability. */
    readonly logProb: readonly number[];
  }[];
  /** The final pixels as a data: URL. */
  readonly png: string;
}
