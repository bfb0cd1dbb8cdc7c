import { MAX_BOXES, moveBox } from './boxes.ts';
import type { Grid } from './grid.ts';
import type { ModelClass } from './manifest.ts';
import type { Box } from './mask.ts';

const PREFIX = '#boxes=';
/** Longer than any link that is written here: what comes in another way is not read to its end. */
const MOST_CHARACTERS = 2000;

/** A box of a link, as what it is painted; `classId` is undefined for "as the picture". */
export interface LinkedBox extends Box {
  readonly classId?: number;
}

/** What a link says, and the names in it that this model does not know. */
export interface BoxLink {
  readonly boxes: readonly LinkedBox[];
  readonly unknown: readonly string[];
}

/**
 * Boxes as the end of an address: `#boxes=` and for each box column, row (both from 1), width, height in cells and the
 * name of its class, joined by commas; boxes are joined by semicolons. Names outlive the numbers of a model.
 */
export function writeBoxLink(boxes: readonly LinkedBox[], nameOf: (classId: number) => string): string {
  const words = boxes.map(({ row, col, width, height, classId }) =>
    [col + 1, row + 1, width, height, classId === undefined ? '' : encodeURIComponent(nameOf(classId))].join(','),
  );
  return PREFIX + words.join(';');
}

/**
 * Reads such an end of an address; undefined when it is none. Never throws, whatever it says: boxes that are no boxes
 * are left out, those that are too large or lie outside are brought into the grid, unknown names paint as the picture.
 */
export function parseBoxLink(hash: string, grid: Grid, classes: readonly ModelClass[]): BoxLink | undefined {
  if (!hash.startsWith(PREFIX) || hash.length > MOST_CHARACTERS) return undefined;
  const unknown: string[] = [];
  const boxes = hash
    .slice(PREFIX.length)
    .split(';')
    .slice(0, MAX_BOXES)
    .flatMap((words): LinkedBox[] => {
      const [numbers, name] = [words.split(',', 4).map(Number), decoded(words.split(',')[4] ?? '')];
      if (numbers.length !== 4 || !numbers.every((n) => Number.isInteger(n) && n >= 1 && n < 1e6)) return [];
      const [col, row, width, height] = numbers as [number, number, number, number];
      const size = { width: Math.min(width, grid.cols), height: Math.min(height, grid.rows) };
      const box = moveBox({ row: row - 1, col: col - 1, ...size }, 0, 0, grid);
      const classId = name === '' ? -1 : classes.findIndex((one) => one.name === name || one.aliases.includes(name));
      if (classId < 0 && name !== '') unknown.push(name);
      return [classId < 0 ? box : { ...box, classId }];
    });
  return boxes.length > 0 ? { boxes, unknown } : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
