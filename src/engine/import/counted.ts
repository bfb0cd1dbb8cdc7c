import { Failure } from '../../core/failure.ts';
import type { Checkpoint } from './checkpoint.ts';

/** How many different numbers the pattern finds in the names of the tensors. */
export function countParts(checkpoint: Checkpoint, pattern: RegExp): number {
  const found = [...checkpoint.shapes.keys()]
    .map((name) => pattern.exec(name)?.[1])
    .filter((part) => part !== undefined);
  return new Set(found).size;
}

/** @throws Failure BadRequest when an option says something else than the file. */
export function contradict(option: string, wanted: number | undefined, found: number, { fileName }: Checkpoint): void {
  if (wanted === undefined || wanted === found) return;
  throw new Failure(
    'BadRequest',
    `${option} ${wanted} contradicts ${fileName}, which has ${found}; leave the option out.`,
  );
}
