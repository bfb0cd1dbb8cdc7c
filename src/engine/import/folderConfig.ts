import { Failure } from '../../core/failure.ts';
import type { RangedFile } from '../../formats/ranged.ts';
import { parseStrictJson, type Json } from '../../formats/strictJson.ts';
import { decodeUtf8 } from '../../formats/utf8.ts';

/** What a config.json says of a transformer that its shapes do not. */
export interface ConfigHints {
  readonly heads?: number;
  readonly codebook?: number;
  readonly layerEps?: number;
}

/** Sizes that the shapes of the weights tell, which the configuration must repeat. */
export interface WeightSizes {
  readonly width: number;
  readonly layers: number;
  readonly mlp: number;
  readonly vocabulary: number;
  readonly positions: number;
}

const limitBytes = 2 ** 20;

/**
 * Read the config.json beside an open-muse transformer and compare it with the weights.
 * @throws Failure BadFile naming file, field and both numbers
 */
export async function readConfig(file: RangedFile, sizes: WeightSizes): Promise<ConfigHints> {
  if (file.sizeBytes > limitBytes) return refuse(file, `${file.sizeBytes} bytes are too large for a configuration`);
  const config = parse(file, await file.read(0, file.sizeBytes));
  const number = (field: string): number | undefined => {
    const value = config.get(field);
    if (value === undefined || value === null) return undefined;
    return typeof value === 'number' ? value : refuse(file, `its ${field} is not a number`);
  };
  const expected: readonly (readonly [string, number])[] = [
    ['hidden_size', sizes.width],
    ['num_hidden_layers', sizes.layers],
    ['intermediate_size', sizes.mlp],
    ['vocab_size', sizes.vocabulary],
    ['max_position_embeddings', sizes.positions],
  ];
  for (const [field, found] of expected) {
    const said = number(field);
    if (said === undefined || said === found) continue;
    refuse(file, `mismatch: the config says ${field} ${said}, the shapes of the weights say ${found}`);
  }
  const tokens = number('num_vq_tokens');
  if (tokens !== undefined && tokens !== sizes.positions - 1) {
    refuse(file, `mismatch: num_vq_tokens ${tokens} do not make a token grid of ${sizes.positions - 1} positions`);
  }
  const heads = whole(file, 'num_attention_heads', number('num_attention_heads'));
  if (heads !== undefined && sizes.width % heads !== 0) {
    refuse(file, `its num_attention_heads ${heads} do not divide the width of ${sizes.width}`);
  }
  const codebook = whole(file, 'codebook_size', number('codebook_size'));
  const layerEps = number('layer_norm_eps');
  if (layerEps !== undefined && !(layerEps > 0 && layerEps < 1)) {
    refuse(file, `its layer_norm_eps ${layerEps} is not between 0 and 1`);
  }
  return {
    ...(heads !== undefined && { heads }),
    ...(codebook !== undefined && { codebook }),
    ...(layerEps !== undefined && { layerEps }),
  };
}

function parse(file: RangedFile, bytes: Uint8Array): ReadonlyMap<string, Json> {
  let json: Json | undefined;
  try {
    json = parseStrictJson(decodeUtf8(bytes) ?? '');
  } catch (error) {
    return refuse(file, `it cannot be parsed as ${(error as Error).message}`);
  }
  return json instanceof Map ? (json as ReadonlyMap<string, Json>) : refuse(file, 'it is not a JSON object');
}

function whole(file: RangedFile, field: string, value: number | undefined): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return value;
  return refuse(file, `its ${field} ${value} is not a whole number above 0`);
}

function refuse(file: RangedFile, cause: string): never {
  throw new Failure('BadFile', `${file.name}: ${cause}.`);
}
