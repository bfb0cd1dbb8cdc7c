import type { ModelManifest } from './manifest.ts';

/** What a list of models says of one, so that nobody has to fetch every model.json: `public/models/index.json`. */
export interface ModelCard {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly early?: string;
  readonly licence: ModelManifest['licence'];
  /** Pixels a side of a picture. */
  readonly pictureSize: number;
  readonly grid: ModelManifest['config']['grid'];
  /** How many classes it can paint; 0 when it cannot paint. */
  readonly classes: number;
  /** Where it draws token by token: good to race against, and no model to paint with. */
  readonly order?: 'raster';
  /** Whether it can paint from nothing, and whether it can read and rebuild pictures. */
  readonly canPaint: boolean;
  readonly canRead: boolean;
  /** Of all weights, as they are fetched. */
  readonly sizeBytes: number;
  readonly quality: ModelManifest['quality'];
}

/** The card of a model. */
export function cardOf({ id, name, summary, early, licence, config, shards, quality }: ModelManifest): ModelCard {
  const { transformer, tokenizer } = config;
  return {
    id,
    name,
    summary,
    ...(early && { early }),
    licence,
    pictureSize: config.image.size,
    grid: config.grid,
    classes: transformer?.classes ?? 0,
    ...(transformer?.order && { order: transformer.order }),
    canPaint: transformer !== undefined && transformer.order === undefined && tokenizer !== undefined,
    canRead: tokenizer !== undefined,
    sizeBytes: shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    quality,
  };
}

/** Classes of a model, whether or not they have names. */
export function classCount({ classes, config }: Pick<ModelManifest, 'classes' | 'config'>): number {
  return config.transformer?.classes ?? classes.length;
}

/** Why the page took a model by itself. */
export type ChoiceReason = 'only' | 'graphics card' | 'no graphics card';

/** The models that a page may choose by itself: those that paint and are no longer early. */
export function choosable(cards: readonly ModelCard[]): readonly ModelCard[] {
  return cards.filter(({ canPaint, early }) => canPaint && !early);
}

/**
 * The model that suits a device: the largest pictures where there is a graphics card, the quickest model where
 * everything is computed in software or nobody knows (undefined). Among equals, size in bytes decides.
 */
export function suitableModel(
  cards: readonly ModelCard[],
  isFallback: boolean | undefined,
): { readonly card: ModelCard; readonly reason: ChoiceReason } | undefined {
  const byCost = choosable(cards).toSorted((a, b) => a.pictureSize - b.pictureSize || a.sizeBytes - b.sizeBytes);
  const card = isFallback === false ? byCost.at(-1) : byCost[0];
  if (card === undefined) return undefined;
  if (byCost.length === 1) return { card, reason: 'only' };
  return { card, reason: isFallback === false ? 'graphics card' : 'no graphics card' };
}
