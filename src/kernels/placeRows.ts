import source from '#shaders/placeRows.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const placeRowsKernel = defineKernel({
  name: 'placeRows',
  source,
  buffers: { x: 'read', places: 'read', y: 'read_write' },
  params: {
    length: 'u32',
    first: 'u32',
    given: 'u32',
    entries: 'u32',
    pictures: 'u32',
    sequences: 'u32',
    width: 'u32',
  },
  rows: 'entries',
  workgroups: ({ sequences, entries }) => [sequences * entries],
});

/** The rows of a sequence that something is wanted for, as a list. */
export interface Wanted {
  /** [entries, pictures] i32 places of the grid, -1 behind the last; sequence s is of picture s mod pictures. */
  readonly places: Tensor;
  /** The row of the grid's place 0 in a sequence. */
  readonly first: number;
}

/** How many entries a list has, of how many pictures each, where so many sequences are theirs in turn. */
export function placesShape(places: Tensor, sequences: number): { entries: number; pictures: number } {
  const [entries, pictures] = expectShape(places, ['entries', 'pictures']) as [number, number];
  if (sequences % pictures !== 0) {
    throw new Error(`${places.label}: ${sequences} sequences are not of ${pictures} pictures`);
  }
  return { entries, pictures };
}

/**
 * The wanted rows of x [given · length, width]: [entries · sequences, width], the sequences' rows of one entry side by
 * side.
 *
 * @param given sequences that x has: all, or one that serves all
 */
export function placeRows(
  rec: Recorder,
  x: Tensor,
  { places, first }: Wanted,
  { sequences, given = sequences }: { readonly sequences: number; readonly given?: number },
): Tensor {
  const [rows, width] = expectShape(x, ['rows', 'width']) as [number, number];
  const { entries, pictures } = placesShape(places, sequences);
  const length = rows / given;
  if (!Number.isInteger(length) || length < first + entries) {
    throw new Error(`${x.label}: ${rows} rows are not ${given} sequences of ${entries} places from ${first}`);
  }
  const y = rec.scratch(`${x.label}.wanted`, [entries * sequences, width]);
  rec.run(placeRowsKernel, { x, places, y }, { length, first, given, entries, pictures, sequences, width });
  return y;
}
