import type { Range } from '../../core/settings.ts';

/** What typing a number comes to. */
export interface ReadNumber {
  /** The value to use from now on; undefined while the text is no number. */
  readonly value?: number;
  /** What the field shows. */
  readonly text: string;
  /** Empty, or a sentence on what was changed or is missing. */
  readonly note: string;
}

/**
 * Reads a typed number. Above the range the text itself is corrected at once; below it the text stays, because more
 * digits may follow, and the value used is the smallest.
 */
export function readNumber(text: string, label: string, { min, max, whole }: Range): ReadNumber {
  const trimmed = text.trim().replace(',', '.');
  const number = Number(trimmed);
  if (trimmed === '' || Number.isNaN(number)) return { text, note: `${label} needs a number from ${min} to ${max}.` };
  if (number > max) return { value: max, text: String(max), note: `${label} goes up to ${max}; ${max} it is.` };
  if (number < min) return { value: min, text, note: `${label} starts at ${min}; ${min} it is.` };
  if (whole && !Number.isInteger(number)) {
    const value = Math.round(number);
    return { value, text, note: `${label} is a whole number; ${value} it is.` };
  }
  return { value: number, text, note: '' };
}
