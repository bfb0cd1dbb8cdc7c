import { Failure } from '../../core/failure.ts';
import { haltonTransformer } from './haltonLayout.ts';
import {
  maskgitTorchTokenizer,
  maskgitTorchTransformer,
  official,
  openMuseTransformer,
  tamingNamesTokenizer,
  type Layout,
} from './layouts.ts';
import { museTransformer, valeoTransformer } from './preNormLayouts.ts';
import { llamaGenTokenizer, tamingTokenizer } from './tamingLayouts.ts';

export type Role = 'tokenizer' | 'transformer';

interface Fingerprint {
  /** A tensor that only this kind of file has. */
  readonly key: string;
  /** A tensor that another network has beside it. */
  readonly unless?: string;
  readonly role: Role;
  readonly layout: Layout;
}

const known: readonly Fingerprint[] = [
  { key: 'Embed_0/word_embeddings/embedding', role: 'transformer', layout: official },
  { key: 'Token_Prediction.0.weight', role: 'transformer', layout: maskgitTorchTransformer },
  { key: 'embed.embeddings_ln.weight', role: 'transformer', layout: openMuseTransformer },
  { key: 'last_norm.norm_final.weight', role: 'transformer', layout: haltonTransformer },
  { key: 'first_layer.6.weight', role: 'transformer', layout: valeoTransformer },
  { key: 'mlm_layer.fc.weight', unless: 'context_embed.weight', role: 'transformer', layout: museTransformer },
  { key: 'quantizer/codebook', role: 'tokenizer', layout: official },
  { key: 'quantizer.codebook.weight', role: 'tokenizer', layout: maskgitTorchTokenizer },
  { key: 'decoder.up.1.upsample_conv.weight', role: 'tokenizer', layout: tamingNamesTokenizer },
  { key: 'encoder.conv_blocks.0.res.0.norm1.weight', role: 'tokenizer', layout: llamaGenTokenizer },
  { key: 'encoder.mid.attn_1.q.weight', role: 'tokenizer', layout: tamingTokenizer },
];

/** Networks that people have files of and that we cannot run yet. */
const notYet: readonly (readonly [key: string, title: string])[] = [
  ['context_embed.weight', 'a transformer that paints from texts, through a CLIP text encoder'],
  ['in_blocks.0.attn.qkv.weight', 'a U-ViT transformer of another make than MUSE-Pytorch'],
  ['model.embeddings.word_embeddings.weight', 'a TiTok transformer'],
  ['bits_to_indices', 'a MaskBit transformer'],
  ['quant_conv.weight', 'a VQGAN of another make than the official, taming-transformers and LlamaGen'],
];

export interface Match {
  readonly layout: Layout;
  /** What stands before the layout's names in the file: a file of a folder, a key of the checkpoint. */
  readonly prefix: string;
}

/**
 * The network of this role in a file, by the names of its tensors.
 * @throws Failure BadFile that says what the file is instead
 */
export function fingerprint(names: readonly string[], role: Role, fileName: string): Match {
  const places = known.flatMap(({ key, unless, role: found, layout }) => {
    const prefix = prefixOf(names, key);
    const isOther = prefix === undefined || (unless !== undefined && names.includes(prefix + unless));
    return isOther ? [] : [{ prefix, layout, role: found }];
  });
  const place = places.find(({ role: found }) => found === role);
  if (place !== undefined) return place;
  const [other] = places;
  if (other !== undefined) {
    const found = `this is a ${other.role}, ${other.layout.title}, where a ${role} is wanted`;
    throw new Failure(
      'BadFile',
      `${fileName}: ${found}; give it as the ${other.role}, and another file as the ${role}.`,
    );
  }
  const later = notYet.find(([key]) => prefixOf(names, key) !== undefined);
  if (later !== undefined) {
    throw new Failure('BadFile', `${fileName}: this is ${later[1]}, which cannot be imported yet.`);
  }
  const cause = `no ${role} is recognised among its ${names.length} tensors (${(names[0] ?? 'none').slice(0, 80)}, …)`;
  throw new Failure(
    'BadFile',
    `${fileName}: ${cause}; give a checkpoint of MaskGIT, Halton-MaskGIT, MUSE, LlamaGen or taming-transformers.`,
  );
}

/**
 * The networks that a file holds and what people call them.
 * @throws Failure BadFile that says what the file is instead, where it holds none
 */
export function networksIn(
  names: readonly string[],
  fileName: string,
): readonly { readonly role: Role; readonly title: string }[] {
  const roles: readonly Role[] = ['tokenizer', 'transformer'];
  const found = roles.filter((role) =>
    known.some((each) => each.role === role && prefixOf(names, each.key) !== undefined),
  );
  const wanted = found.length > 0 ? found : (['transformer'] as const);
  return wanted.map((role) => ({ role, title: fingerprint(names, role, fileName).layout.title }));
}

/** What stands before `key`; of several copies an averaged one (EMA) is best, then one in safetensors. */
function prefixOf(names: readonly string[], key: string): string | undefined {
  const prefixes = names.flatMap((name) => {
    if (name === key) return [''];
    return name.endsWith(`.${key}`) || name.endsWith(`/${key}`) ? [name.slice(0, -key.length)] : [];
  });
  const weight = (prefix: string): number =>
    (/(^|[._/])ema([._/]|$)/.test(prefix) ? 2 : 0) + (prefix.endsWith('.safetensors/') ? 1 : 0);
  return prefixes.toSorted((a, b) => weight(b) - weight(a))[0];
}
