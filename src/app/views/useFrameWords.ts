import { positionCount } from '../../core/grid.ts';
import { changedCount, fixedCount, isCorrection } from '../canvas/reel.ts';
import { counted, duration } from '../commands/words.ts';
import type { Origin } from '../store/origin.ts';
import { useDesk, useStudio } from './desk.ts';

/** Where the run on the stage stands: in a few words to read, and in a sentence to be told. */
export function useFrameWords(): { short: string; long: string } {
  const desk = useDesk();
  const frame = useStudio((studio) => studio.frame);
  const total = useStudio((studio) => studio.totalFrames);
  const reelId = useStudio((studio) => studio.reelId);
  const job = useStudio((studio) => studio.job);
  const stepMs = useStudio(({ results }) => results.find(({ id }) => id === reelId)?.stepMs ?? 0);
  const origin = useStudio(({ results }) => results.find(({ id }) => id === reelId)?.origin);
  const reel = reelId === undefined ? undefined : desk.reels.get(reelId);
  if (!reel) return { short: '', long: 'nothing to play' };
  const steps = total - 1;
  const unpainted = origin && unpaintedWords(origin);
  if (unpainted) return unpainted[Math.min(frame, 2)]!;
  const ms = job.kind === 'running' && stepMs === 0 ? job.stepMs : stepMs;
  const pace = ms > 0 ? ` · ${duration(ms)} a step` : '';
  if (frame === 0) return { short: `All masked${pace}`, long: 'start, everything masked' };
  if (frame > steps) return { short: `The picture, ${counted(steps, 'step')}${pace}`, long: 'the finished picture' };
  const positions = positionCount(reel.grid);
  if (isCorrection(reel, frame)) {
    const changed = changedCount(reel, frame);
    return {
      short: `Step ${frame} of ${steps} · corrected, ${changed} changed${pace}`,
      long: `step ${frame} of ${steps}, went over half of the picture and changed ${counted(changed, 'token')}`,
    };
  }
  const fixed = fixedCount(reel, frame);
  return {
    short: `Step ${frame} of ${steps} · ${fixed} of ${positions} fixed${pace}`,
    long: `step ${frame} of ${steps}, ${fixed} of ${positions} tokens fixed`,
  };
}

/** Frame by frame, of a picture that took no steps: brought in, or with a token set by hand. */
function unpaintedWords(origin: Origin): readonly { short: string; long: string }[] | undefined {
  if (origin.kind === 'import') {
    return [
      { short: 'Before it was read', long: 'before it was read' },
      { short: 'As the model reads it', long: 'as the model reads it, in tokens' },
      { short: 'Your picture', long: 'your picture' },
    ];
  }
  if (!origin.isByHand) return undefined;
  return [
    { short: 'Before the token was set', long: 'before the token was set' },
    { short: 'The token as it was set', long: 'the token as it was set' },
    { short: 'The picture, one token set by hand', long: 'the picture, one token set by hand' },
  ];
}
