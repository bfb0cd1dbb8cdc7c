import type { LaneKind } from '../../wire/race.ts';
import { endOf, passesAt, type Lane, type RaceState } from '../store/race.ts';
import { megabytes } from './loadWords.ts';

export const laneNames: Record<LaneKind, { readonly name: string; readonly hint: string }> = {
  parallel: { name: 'MaskGIT', hint: 'Many tokens a pass, the surest first' },
  oneByOne: { name: 'One by one', hint: 'The same network, one token a pass' },
  cached: { name: 'Causal with a cache', hint: 'Another network, which remembers what it saw' },
};

/** A time for a person: milliseconds below a second. */
export function timeWords(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** "pass 23 of 64": as far as the clock is, or as far as the timing is. */
export function passWords({ phase, clockMs }: RaceState, lane: Lane): string {
  const isTimed = phase.kind === 'timing' || phase.kind === 'loading' || phase.kind === 'ready';
  return `pass ${isTimed ? lane.times.length : passesAt(lane, clockMs)} of ${lane.passes}`;
}

/** Both times and who was faster: "8 passes, 1.2 s — 64 passes, 9.4 s: MaskGIT is 7.8 × as fast". */
export function verdictWords([first, second]: readonly [Lane, Lane]): string {
  const [a, b] = [endOf(first), endOf(second)];
  const faster = laneNames[a <= b ? first.kind : second.kind].name;
  const took = ({ times }: Lane, ms: number): string => `${times.length} passes, ${timeWords(ms)}`;
  const ratio = ratioWords(Math.max(a, b) / Math.min(a, b));
  return `${took(first, a)} — ${took(second, b)}: ${faster} is ${ratio} × as fast`;
}

/** How the show's speed is to the true one. */
export function paceWords(pace: number): string {
  if (Math.abs(pace - 1) < 0.05) return 'as fast as they were';
  return pace < 1 ? `${ratioWords(1 / pace)} × slower than they were` : `${ratioWords(pace)} × faster than they were`;
}

function ratioWords(ratio: number): string {
  return ratio < 20 ? ratio.toFixed(1) : String(Math.round(ratio));
}

/** What goes on, for eyes and screen readers: changes a few times a race, not with every pass. */
export function statusWords({ phase, lanes, pace }: RaceState): string {
  switch (phase.kind) {
    case 'loading': {
      const { stage, doneBytes = 0, totalBytes = 0, fromCache } = phase.progress ?? {};
      if (stage === 'download' && !fromCache)
        return `Getting the model: ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`;
      return 'Getting the runners ready …';
    }
    case 'ready':
      return 'Ready. Each is timed alone, then both are shown on one clock.';
    case 'timing':
      return `Timing ${laneNames[phase.lane].name}, alone on your device …`;
    case 'showing':
      return `Both on one clock, ${paceWords(pace)}.`;
    case 'finished':
      return `${verdictWords(lanes)}.`;
    case 'failed':
      return phase.message;
  }
}
