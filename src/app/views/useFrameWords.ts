import { positionCount } from '../../core/grid.ts';
import { fixedCount } from '../canvas/reel.ts';
import { useDesk, useStudio } from './desk.ts';

/** Where the run on the stage stands: in a few words to read, and in a sentence to be told. */
export function useFrameWords(): { short: string; long: string } {
  const desk = useDesk();
  const frame = useStudio((studio) => studio.frame);
  const total = useStudio((studio) => studio.totalFrames);
  const reelId = useStudio((studio) => studio.reelId);
  const job = useStudio((studio) => studio.job);
  const stepMs = useStudio(({ results }) => results.find(({ id }) => id === reelId)?.stepMs ?? 0);
  const reel = reelId === undefined ? undefined : desk.reels.get(reelId);
  if (!reel) return { short: '', long: 'nothing to play' };
  const steps = total - 1;
  const ms = job.kind === 'running' && stepMs === 0 ? job.stepMs : stepMs;
  const pace = ms > 0 ? ` · ${formatMs(ms)} a step` : '';
  if (frame === 0) return { short: `All masked${pace}`, long: 'start, everything masked' };
  if (frame > steps) return { short: `The picture, ${steps} steps${pace}`, long: 'the finished picture' };
  const positions = positionCount(reel.grid);
  const fixed = fixedCount(reel, frame);
  return {
    short: `Step ${frame} of ${steps} · ${fixed} of ${positions} fixed${pace}`,
    long: `step ${frame} of ${steps}, ${fixed} of ${positions} tokens fixed`,
  };
}

/** A time for a person: whole milliseconds, or seconds from one second on. */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}
