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
 * told apart by size, beginning and end.
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
    const files: readonly RangedFile[] = 'files' in source ? [...source.files.values()] : [source];
    for (const file of files) edges.push(`${role} ${file.sizeBytes} ${await edgesOf(file)}`);
  }
  const hash = (await sha256Hex(encodeUtf8(edges.join('\n')))).slice(0, HASH_DIGITS);
  return `${slug(label?.name ?? firstName)}-${hash}`;
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
