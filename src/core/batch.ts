import type { ModelConfig } from './config.ts';
import { Failure } from './failure.ts';
import { MASK } from './grid.ts';
import type { GenerateRequest } from './request.ts';
import { checkRequest } from './validate.ts';

/** What a picture of a batch has of its own. */
export type OwnRequest = Pick<GenerateRequest, 'seed' | 'tokens' | 'noise'>;

/** Pictures that are painted together: all is the same but their seeds, and what is known of each. */
export interface BatchRequest extends Omit<GenerateRequest, keyof OwnRequest> {
  /** One at least; the same positions are MASK in all. */
  readonly pictures: readonly OwnRequest[];
}

/** Requests as one batch; what they share is the first one's. */
export function batchOf(requests: readonly GenerateRequest[]): BatchRequest {
  const { seed: _seed, tokens: _tokens, noise: _noise, ...shared } = requests[0]!;
  const pictures = requests.map(({ seed, tokens, noise }) => ({
    seed,
    ...(tokens && { tokens }),
    ...(noise && { noise }),
  }));
  return { ...shared, pictures };
}

/** The request that paints one picture of a batch alone. */
export function requestOfPicture({ pictures, ...shared }: BatchRequest, index: number): GenerateRequest {
  return { ...shared, ...pictures[index]! };
}

/** @throws Failure BadRequest, as `checkRequest` of every picture, or where they do not go together */
export function checkBatch(batch: BatchRequest, config: ModelConfig): void {
  const { pictures } = batch;
  const [first] = pictures;
  if (first === undefined) throw new Failure('BadRequest', 'pictures is empty; ask for at least one');
  pictures.forEach(({ tokens, noise }, i) => {
    checkRequest(requestOfPicture(batch, i), config);
    if ((noise === undefined) !== (first.noise === undefined)) {
      throw new Failure('BadRequest', `pictures[${i}] differs from the first in having noise; give it to all or none`);
    }
    if (maskOf(tokens) !== maskOf(first.tokens)) {
      throw new Failure(
        'BadRequest',
        `pictures[${i}].tokens masks other positions than the first; mask the same in all`,
      );
    }
  });
}

/** Which tokens are MASK, as text; absent tokens all are. */
function maskOf(tokens: Int32Array | undefined): string {
  if (!tokens?.some((token) => token !== MASK)) return '';
  return Array.from(tokens, (token) => (token === MASK ? 1 : 0)).join('');
}
