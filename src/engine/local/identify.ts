import { encodeUtf8 } from '../../formats/utf8.ts';
import type { RangedFile } from '../../formats/ranged.ts';
import type { ImportOrder } from '../../wire/importer.ts';
import type { WeightSource } from '../import/checkpoint.ts';
import { sha256Hex } from './localSource.ts';

/** Beginning and end of a file: its header, and the checksums of a zip or the last weights. */
const EDGE_BYTES = 65_536;
const HASH_DIGITS = 10;

/**
 * The id of what an order makes: the same files and choices give the same id, so that nothing is made twice. Files are
 * told apart by size, beginning and end. A model in our own format is its weights: what was saved as a folder and comes
 * back is the same model, although its model.json says another id.
 */
export async function identify(
  sources: { readonly [role in 'model' | 'tokenizer' | 'transformer']?: WeightSource | undefined },
  { dtype, options, label, model }: ImportOrder,
): Promise<string> {
  const edges: string[] = model ? [] : [dtype, JSON.stringify(options)];
  let firstName = '';
  for (const [role, source] of Object.entries(sources)) {
    if (source === undefined) continue;
    firstName ||= source.name;
    for (const file of filesOf(source, role === 'model'))
      edges.push(`${role} ${file.sizeBytes} ${await edgesOf(file)}`);
  }
  const hash = (await sha256Hex(encodeUtf8(edges.join('\n')))).slice(0, HASH_DIGITS);
  return `${slug(label?.name ?? firstName.replace(ownHash, ''))}-${hash}`;
}

/** What an earlier import put behind the name. */
const ownHash = /-[0-9a-f]{10}(\.zip)?$/;

function filesOf(source: WeightSource, isModel: boolean): readonly RangedFile[] {
  if (!('files' in source)) return [source];
  if (!isModel) return [...source.files.values()];
  const weights = [...source.files].filter(([path]) => path.endsWith('.safetensors'));
  return weights.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

async function edgesOf(file: RangedFile): Promise<string> {
  const count = Math.min(EDGE_BYTES, file.sizeBytes);
  const first = await sha256Hex(await file.read(0, count));
  return first + (await sha256Hex(await file.read(file.sizeBytes - count, count)));
}

/** A name as part of a file name. */
function slug(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  return plain || 'model';
}
