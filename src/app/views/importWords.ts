import type { ModelConfig } from '../../core/config.ts';
import type { CompareProgress, ImportProgress } from '../../wire/importer.ts';
import type { PublishedFile, PublishedModel } from '../data/checkpoints.ts';
import type { Made, Offered } from '../store/bringing.ts';

/** Bytes for a person: 240 MB, 2.1 GB. */
export function roundedSize(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return `${bytes < 1e7 ? (bytes / 1e6).toFixed(1) : Math.round(bytes / 1e6)} MB`;
}

/** Why something that was offered cannot be used, without its name, which stands above. */
export function refusalOf({ name, refusal }: Pick<Offered, 'name' | 'refusal'>): string | undefined {
  if (!refusal?.startsWith(`${name}: `)) return refusal;
  const cause = refusal.slice(name.length + 2);
  return cause.charAt(0).toUpperCase() + cause.slice(1);
}

/** What a model will be, by its configuration. */
export function configWords({ image, grid, tokenizer, transformer }: ModelConfig): string {
  const picture = `pictures of ${image.size} × ${image.size} pixels in ${grid.rows} × ${grid.cols} tokens`;
  const codes = tokenizer ? ` of ${tokenizer.codebook.toLocaleString('en')} codes` : '';
  if (transformer && tokenizer)
    return `Recognised: ${picture}${codes}, ${transformer.classes.toLocaleString('en')} classes.`;
  if (tokenizer) return `Recognised: ${picture}${codes}. Alone it reads and rebuilds pictures.`;
  return `Recognised: ${picture}, ${transformer?.classes.toLocaleString('en')} classes. It paints once the tokenizer is here.`;
}

/** Scratch of one picture, in MB (docs/checkpoints.md): 512 pixels take four times as much. */
const scratchMb = { usual: 150, at512: 450 };

/** What a public checkpoint takes: of the network, of this device's storage, and of its graphics memory. */
export function needsWords({ name, files }: Pick<PublishedModel, 'name' | 'files'>): string {
  const used = (file: PublishedFile): number => file.usedMb ?? file.sizeMb ?? 0;
  const sum = (some: readonly PublishedFile[], of: (file: PublishedFile) => number): number =>
    some.reduce((total, file) => total + of(file), 0);
  const size = (mb: number): string => roundedSize(mb * 1e6);
  const fetched = files.filter(({ isFetchable }) => isFetchable);
  const saved = files.filter(({ isFetchable }) => !isFetchable);
  const ways = [
    ...(fetched.length > 0 ? [`fetches ${size(sum(fetched, used))}`] : []),
    ...(saved.length > 0 ? [`wants ${size(sum(saved, ({ sizeMb = 0 }) => sizeMb))} saved by you first`] : []),
  ].join(' and ');
  const weights = sum(files, used);
  const painting = weights + (name.includes('512') ? scratchMb.at512 : scratchMb.usual);
  return `It ${ways}, keeps about ${size(weights / 2)} here, and takes up to ${size(painting)} of graphics memory.`;
}

/** How a conversion goes: how far, how fast, how long still. */
export interface ConversionWords {
  readonly now: string;
  readonly amount: string;
  readonly rest: string;
  /** 0 … 1, or undefined where nobody knows. */
  readonly part?: number;
}

export function conversionWords(progress: ImportProgress | undefined, ms: number): ConversionWords {
  if (progress === undefined) return { now: 'Beginning', amount: '', rest: '' };
  const { stage, doneBytes, totalBytes, fetchedBytes, peakBytes } = progress;
  if (stage === 'waiting') {
    return { now: 'Another tab converts the same model', amount: '', rest: 'It is taken from there when it is ready.' };
  }
  const fetched = fetchedBytes > 0 ? `${roundedSize(fetchedBytes)} fetched. ` : '';
  if (totalBytes === 0) return { now: 'Reading', amount: '', rest: fetched };
  const part = doneBytes / totalBytes;
  const rate = (doneBytes / ms) * 1000;
  const leftMs = doneBytes > 0 ? (ms * (totalBytes - doneBytes)) / doneBytes : 0;
  const amount = `${roundedSize(doneBytes)} of ${roundedSize(totalBytes)}`;
  if (stage === 'verifying') {
    return { now: 'Verifying', amount, rest: 'Compared with the SHA-256 that was published.', part };
  }
  const pace = ms > 1000 && doneBytes > 0 ? `${roundedSize(rate)} a second, ${duration(leftMs)} left. ` : '';
  const memory = peakBytes > 0 ? `At most ${roundedSize(peakBytes)} in memory at once.` : '';
  return { now: 'Converting', amount, rest: `${fetched}${pace}${memory}`.trim(), part };
}

/** How the comparison of small weights with the published ones goes. */
export function comparisonWords(progress: CompareProgress | undefined, ms: number): ConversionWords {
  const now = 'Measuring what small weights cost';
  if (progress === undefined) return { now, amount: '', rest: 'The model is ready; this can be skipped.' };
  const { done, total } = progress;
  const rest = `${duration((ms * (total - done)) / done)} left. The model is ready; this can be skipped.`;
  return { now, amount: `${done} of ${total}`, rest, part: done / total };
}

/** What is to be told of a model that was just made. */
export function madeWords({ card, isNew, readBytes, peakBytes, ms, verified, notCompared }: Made): readonly string[] {
  const time = `${roundedSize(readBytes)} of weights became ${roundedSize(card.sizeBytes)} in ${duration(ms)}`;
  const loss = lossWords(card.quality);
  return [
    isNew
      ? `${card.name} is on this device, and works offline from now on.`
      : `${card.name} was on this device already.`,
    ...(isNew && peakBytes > 0 ? [`${time}, with at most ${roundedSize(peakBytes)} in memory at once.`] : []),
    ...verified.map((name) => `${name} is the published file, by its SHA-256.`),
    ...(loss ? [loss] : []),
    ...(notCompared ? [`What small weights cost was not measured: ${notCompared}`] : []),
  ];
}

/** What smaller weights cost, where it was measured; by the numbers of engine/import/conversionLoss.ts. */
export function lossWords(quality: Made['card']['quality']): string | undefined {
  const [sameCode, psnrDb] = [quality['conversionSameCode'], quality['conversionPsnrDb']];
  const codes = typeof sameCode === 'number' ? `the same likeliest token at ${percent(sameCode)} of places` : undefined;
  const pixels = typeof psnrDb === 'number' ? `decoded pixels agree to ${psnrDb.toFixed(0)} dB` : undefined;
  if (!codes && !pixels) return undefined;
  return `Against the published weights, on random grids: ${[codes, pixels].filter(Boolean).join(', ')}.`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
