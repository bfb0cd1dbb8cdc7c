import type { ModelManifest } from '../../core/manifest.ts';

/** One small picture a codebook entry, all in one image. */
export interface Atlas {
  readonly image: CanvasImageSource;
  /** Pixels a side of a tile, and tiles a row. */
  readonly tile: number;
  readonly cols: number;
  /** How many tiles there are: a token beyond them has none. */
  readonly tiles: number;
}

/** Loads the model's atlas; undefined when the model has none or it cannot be read: the stage then draws plain colours. */
export async function loadAtlas(manifest: ModelManifest, urlOf: (file: string) => string): Promise<Atlas | undefined> {
  const { atlas, atlasTile, atlasCols } = manifest.assets;
  if (!atlas || !atlasTile || !atlasCols) return undefined;
  const image = new Image();
  image.src = urlOf(atlas);
  try {
    await image.decode();
  } catch {
    return undefined;
  }
  const tiles = Math.floor(image.naturalHeight / atlasTile) * atlasCols;
  return { image, tile: atlasTile, cols: atlasCols, tiles };
}
