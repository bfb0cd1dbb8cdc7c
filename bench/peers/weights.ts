import type { ModelConfig, TokenizerConfig, TransformerConfig } from '../../src/core/config.ts';
import { positionCount } from '../../src/core/grid.ts';
import type { ModelManifest } from '../../src/core/manifest.ts';
import { parseManifest } from '../../src/core/parseManifest.ts';
import { weightShapes } from '../../src/core/weightShapes.ts';
import { openWeightFiles } from '../../src/engine/weights.ts';
import { memoryFile } from '../../src/formats/ranged.ts';
import type { StoredTensor } from '../../src/program/recipe.ts';

/** What every runtime builds its networks from: one model's card and its weights, widened to f32. */
export interface PeerModel {
  readonly manifest: ModelManifest;
  readonly config: ModelConfig & { readonly tokenizer: TokenizerConfig; readonly transformer: TransformerConfig };
  readonly positions: number;
  /** A stored tensor by its name in the files. */
  weight(name: string): StoredTensor;
}

/** Fetch a model and widen its weights. Refuses variants that the peers' networks are not written for, by name. */
export async function fetchModel(manifestUrl: string): Promise<PeerModel> {
  const json: unknown = await (await fetch(manifestUrl)).json();
  const manifest = parseManifest(json, manifestUrl);
  const files = await Promise.all(
    manifest.shards.map(async ({ file }) => {
      const answer = await fetch(new URL(file, manifestUrl));
      return memoryFile(file, new Uint8Array(await answer.arrayBuffer()));
    }),
  );
  const reader = await openWeightFiles(files);
  const tensors = new Map<string, StoredTensor>();
  for (const name of weightShapes(manifest.config).keys()) tensors.set(name, await reader.read(name));
  const config = supported(manifest.config);
  const weight = (name: string): StoredTensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`the model has no weight ${name}`);
    return tensor;
  };
  return { manifest, config, positions: positionCount(config.grid), weight };
}

function supported({ tokenizer, transformer, ...rest }: ModelConfig): PeerModel['config'] {
  if (!tokenizer || !transformer) throw new Error('the peers need a model with both networks');
  const { placement = 'post', classToken = 'first', embeddingMlp, positionBias } = transformer;
  const isOfficial = placement === 'post' && classToken === 'first' && !embeddingMlp && !positionBias;
  if (!isOfficial || tokenizer.attention || tokenizer.latentWidth) {
    throw new Error('the peers are written for the official networks only');
  }
  return { ...rest, tokenizer, transformer };
}
