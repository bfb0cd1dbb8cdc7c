import { requestOfPicture, type BatchRequest } from '../core/batch.ts';
import type { ModelConfig } from '../core/config.ts';
import { blankTokens } from '../core/grid.ts';
import { classRows } from '../core/guidance.ts';
import { costOf } from '../program/cost.ts';
import { bytesOf } from '../program/tensor.ts';
import { recordStep } from './programs.ts';
import type { Session } from './session.ts';

/** Pictures that hardware paints together at most: with more, the first would come later than anybody gains. */
export const MOST_PICTURES = 4;

/** Pictures that may be painted together where somebody asks for it. */
export const MOST_BATCH = 16;

/** What the activations of a batch may take: no more than a decode of 512 pixels does. */
const MOST_SCRATCH_BYTES = 384 * 2 ** 20;

type Place = Pick<Session, 'config' | 'target'>;

/** How many pictures of so many rows of logits each the adapter can hold together, 1 to MOST_PICTURES. */
export function picturesThatFit({ config, target }: Place, rows: number): number {
  const limit = Math.min(target.maxBufferBytes, target.maxStorageBufferBindingBytes);
  let pictures = MOST_PICTURES;
  for (; pictures > 1; pictures--) {
    const { program } = recordStep(config, target, { rows, noise: 'generated', pictures });
    const isHeld = program.tensors.every((tensor) => bytesOf(tensor) <= limit);
    if (isHeld && costOf(program).scratchBytes <= MOST_SCRATCH_BYTES) break;
  }
  return pictures;
}

/**
 * How many pictures of so many rows of logits each are best painted together. A software adapter gains a few percent by it,
 * for which the first picture would come as many times later (decision 39): there it is one.
 */
export function picturesAtOnce(place: Place, rows: number): number {
  return place.target.isFallback ? 1 : picturesThatFit(place, rows);
}

/** Rows of logits of each picture of a batch. */
export function rowsOfBatch(batch: BatchRequest, { grid }: ModelConfig): number {
  const { tokens, ...first } = requestOfPicture(batch, 0);
  return classRows(first, tokens ?? blankTokens(grid)).classes.length;
}

/**
 * How many pictures are best asked for at a time of a model that is warm: guided, where it can be, and no more than a stop
 * can wait for a step of.
 */
export function usualPicturesAtOnce(session: Session): number {
  const { transformer } = session.config;
  if (!transformer || transformer.order) return 1;
  return Math.min(session.stepsInFlight, picturesAtOnce(session, transformer.nullClass ? 2 : 1));
}
