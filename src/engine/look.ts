import { Failure } from '../core/failure.ts';
import { MASK, positionCount } from '../core/grid.ts';
import { checkNumber } from '../core/settings.ts';
import { topCodesOf, type CodeQuery, type TopCodes } from '../core/topCodes.ts';
import type { Session } from './session.ts';

/**
 * What the model would put at a position if only that one were masked: the `count` likeliest codes.
 * @throws Failure BadRequest, naming what is out of range
 */
export async function lookAt(
  session: Session,
  { tokens, position, classId }: CodeQuery,
  count: number,
): Promise<TopCodes> {
  const codebook = checkLook(session, tokens, classId);
  checkNumber('position', position, { min: 0, max: tokens.length - 1, whole: true });
  const masked = Int32Array.from(tokens);
  masked[position] = MASK;
  const logits = await session.logits(masked, classId);
  return topCodesOf(logits.subarray(position * codebook, (position + 1) * codebook), count, tokens[position]!);
}

/** Parts that a picture is masked in, one after the other, each a lattice: neighbours are seen by one another. */
const PARTS = 4;

/**
 * [positions] how likely each token of a finished picture is to the model, given the rest: a quarter of the picture is
 * masked at a time. For pictures that the model did not paint.
 * @throws Failure BadRequest, naming what is out of range
 */
export async function likelihoods(
  session: Session,
  tokens: Int32Array,
  classId: number,
): Promise<Float32Array<ArrayBuffer>> {
  const codebook = checkLook(session, tokens, classId);
  const { cols } = session.config.grid;
  const partOf = (p: number): number => (Math.floor(p / cols) % 2) * 2 + ((p % cols) % 2);
  const likely = new Float32Array(tokens.length);
  for (let part = 0; part < PARTS; part++) {
    const masked = Int32Array.from(tokens, (token, p) => (partOf(p) === part ? MASK : token));
    const logits = await session.logits(masked, classId);
    tokens.forEach((token, p) => {
      if (partOf(p) !== part) return;
      likely[p] = topCodesOf(logits.subarray(p * codebook, (p + 1) * codebook), 0, token).own;
    });
  }
  return likely;
}

/** Refuse what the network cannot read. Returns the size of the codebook. */
function checkLook({ config }: Session, tokens: Int32Array, classId: number): number {
  const { transformer } = config;
  if (!transformer) throw new Failure('BadRequest', 'the model holds a tokenizer only; it has no opinion of tokens');
  const positions = positionCount(config.grid);
  if (tokens.length !== positions) {
    throw new Failure('BadRequest', `tokens has ${tokens.length} values; the grid has ${positions} positions`);
  }
  const codes = { min: MASK, max: transformer.codebook - 1, whole: true };
  tokens.forEach((token, p) => checkNumber(`tokens[${p}]`, token, codes));
  checkNumber('classId', classId, { min: transformer.nullClass ? -1 : 0, max: transformer.classes - 1, whole: true });
  return transformer.codebook;
}
