import type { Stop } from '../core/engine.ts';
import { picturesThatFit } from '../engine/atOnce.ts';
import { generateTogether } from '../engine/generate.ts';
import type { Session } from '../engine/session.ts';
import { median } from '../core/median.ts';

/** What a picture of a batch takes, all steps and the decode, beside one that is painted alone. */
export interface BatchTimes {
  readonly pictures: number;
  readonly rounds: number;
  /** ms a picture, by the clock. */
  readonly togetherMs: number;
  readonly oneByOneMs: number;
  /** Together ÷ one by one; by the processor time of the adapter's threads where that can be told. */
  readonly ratio: number;
  readonly processor?: { readonly togetherMs: number; readonly oneByOneMs: number };
}

/** In turns, so that what else the machine does meets both. */
const ROUNDS = 3;

interface Taken {
  readonly ms: number;
  readonly processorMs: number | undefined;
}

/** Paint as many pictures together as fit, in turns with the same pictures one by one; undefined where one alone fits. */
export async function measureBatch(
  session: Session,
  stop: Stop,
  processorMs: () => number | undefined = () => undefined,
): Promise<BatchTimes | undefined> {
  const { sampler } = session.manifest;
  const pictures = picturesThatFit(session, sampler.guidanceScale > 0 ? 2 : 1);
  if (pictures === 1) return undefined;
  const seeds = Array.from({ length: pictures }, (_, seed) => ({ seed }));
  const time = async (batches: readonly (typeof seeds)[]): Promise<Taken> => {
    const [sinceMs, sinceProcessorMs] = [performance.now(), processorMs()];
    for (const batch of batches) await paint(session, batch, stop);
    const untilProcessorMs = processorMs();
    const isKnown = sinceProcessorMs !== undefined && untilProcessorMs !== undefined;
    return {
      ms: (performance.now() - sinceMs) / pictures,
      processorMs: isKnown ? (untilProcessorMs - sinceProcessorMs) / pictures : undefined,
    };
  };
  await time([seeds]); // its program is compiled at the first use
  const [together, oneByOne]: [Taken[], Taken[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    oneByOne.push(await time(seeds.map((seed) => [seed])));
    together.push(await time([seeds]));
  }
  return timesOf(pictures, together, oneByOne);
}

function timesOf(pictures: number, together: readonly Taken[], oneByOne: readonly Taken[]): BatchTimes {
  const [togetherMs, oneByOneMs] = [together, oneByOne].map((all) => median(all.map(({ ms }) => ms))) as [
    number,
    number,
  ];
  const taken = [together, oneByOne].map((all) => all.flatMap(({ processorMs }) => processorMs ?? []));
  const shared = { pictures, rounds: ROUNDS, togetherMs, oneByOneMs };
  if (taken.some(({ length }) => length < ROUNDS)) return { ...shared, ratio: togetherMs / oneByOneMs };
  const [ofBatch, ofEach] = taken.map((all) => median(all)) as [number, number];
  return { ...shared, ratio: ofBatch / ofEach, processor: { togetherMs: ofBatch, oneByOneMs: ofEach } };
}

async function paint(session: Session, pictures: readonly { readonly seed: number }[], stop: Stop): Promise<void> {
  const steps = generateTogether(session, { classId: 0, settings: session.manifest.sampler, pictures }, stop);
  for (;;) {
    const { done, value } = await steps.next();
    if (!done) continue;
    if (session.config.tokenizer) for (const { tokens } of value) await session.decode(tokens);
    return;
  }
}
