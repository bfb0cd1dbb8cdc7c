import type { Picture, Stop } from '../core/engine.ts';
import { paintPlan, type PaintBox } from '../core/boxes.ts';
import { blendOf, composite } from '../core/composite.ts';
import { Failure } from '../core/failure.ts';
import { maskTokens, type TokenMask } from '../core/mask.ts';
import type { GenerateRequest } from '../core/request.ts';
import { generateSteps, type RunOutcome, type StepRecord } from './generate.ts';
import { pixelsOf, type Pixels } from './picture.ts';
import type { Session } from './session.ts';

/** Repaint boxes of a picture, each as its class. */
export interface EditRequest extends Pick<GenerateRequest, 'seed' | 'settings' | 'bannedCodes' | 'noise'> {
  /** Of the model's size. */
  readonly picture: Picture;
  /** In token cells; where boxes overlap the later one wins. */
  readonly boxes: readonly (PaintBox & { readonly classId: number })[];
  /** Cells around each box that are painted too; the reference has 1. */
  readonly halo: number;
}

/** What an edit made, with everything on the way. */
export interface EditOutcome extends RunOutcome {
  /** [positions] the tokens the run started from: the picture's, MASK where to paint. */
  readonly startTokens: Int32Array<ArrayBuffer>;
  readonly tokenMask: TokenMask;
  /** [size, size, 3] the decoded tokens, not clipped. */
  readonly pixels: Pixels;
  /** [size, size] share of the painted picture in each pixel. */
  readonly blend: Float32Array<ArrayBuffer>;
  /** [size, size, 3] painted where the blend says, else the picture that came in; not clipped. */
  readonly composite: Pixels;
}

/**
 * The reference's class-conditional editing (official demo, "Class-conditional Image Editing"; Chang et al. 2022,
 * section 4.3.1), for one box or several: encode, mask the boxes with their halo, run the schedule from
 * `settings.startStep` (2 of 12 there), decode, and blend over the picture with the resized and blurred mask.
 */
export async function* editSteps(
  session: Session,
  request: EditRequest,
  stop: Stop,
): AsyncGenerator<StepRecord, EditOutcome> {
  const { grid, image } = session.config;
  const { picture, boxes, halo, seed, settings, bannedCodes, noise } = request;
  const [first] = boxes;
  if (first === undefined) throw new Failure('BadRequest', 'there is no box; say at least one to paint');
  const original = pixelsOf(picture, image.size);
  const { mask, classOfPosition } = paintPlan(boxes, undefined, grid, halo);
  const { tokens: known } = await session.encode(original);
  const startTokens = maskTokens(known, mask);
  const outcome = yield* generateSteps(
    session,
    {
      classId: first.classId,
      seed,
      settings,
      tokens: startTokens,
      // Outside the boxes nothing is painted, and -1 there would be refused by a model without a null class.
      classOfPosition: classOfPosition.map((id, p) => (mask[p] === 1 ? id : first.classId)),
      ...(bannedCodes && { bannedCodes }),
      ...(noise && { noise }),
    },
    stop,
  );
  const pixels = await session.decode(outcome.tokens);
  const blend = blendOf(mask, grid, image.size);
  return { ...outcome, startTokens, tokenMask: mask, pixels, blend, composite: composite(pixels, original, blend) };
}
