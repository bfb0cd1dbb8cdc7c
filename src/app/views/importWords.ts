import type { ModelConfig } from '../../core/config.ts';
import type { ImportProgress } from '../../wire/importer.ts';

/** Bytes for a person: 240 MB, 2.1 GB. */
export function roundedSize(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return `${bytes < 1e7 ? (bytes / 1e6).toFixed(1) : Math.round(bytes / 1e6)} MB`;
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
  const { stage, doneBytes, totalBytes, fetchedBytes } = progress;
  if (stage === 'waiting') {
    return { now: 'Another tab converts the same model', amount: '', rest: 'It is taken from there when it is ready.' };
  }
  const fetched = fetchedBytes > 0 ? `${roundedSize(fetchedBytes)} fetched. ` : '';
  if (totalBytes === 0) return { now: 'Reading', amount: '', rest: fetched };
  const part = doneBytes / totalBytes;
  const rate = (doneBytes / ms) * 1000;
  const leftMs = doneBytes > 0 ? (ms * (totalBytes - doneBytes)) / doneBytes : 0;
  const pace = ms > 1000 && doneBytes > 0 ? `${roundedSize(rate)} a second, ${duration(leftMs)} left.` : '';
  return {
    now: 'Converting',
    amount: `${roundedSize(doneBytes)} of ${roundedSize(totalBytes)}`,
    rest: `${fetched}${pace}`,
    part,
  };
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
