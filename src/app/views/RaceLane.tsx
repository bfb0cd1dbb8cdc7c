import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { startRacePainter } from '../canvas/racePainter.ts';
import type { Race } from '../commands/race.ts';
import { endOf, frameOf, passesAt, type Lane } from '../store/race.ts';
import { useStudio } from './desk.ts';
import { laneNames, passWords, timeWords } from './raceWords.ts';
import styles from './RaceView.module.css';

/** One of the two: its picture as far as the clock is, how many passes that took, and its time once it is there. */
export function RaceLane({ race, lane }: { race: Race; lane: Lane }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const state = useStore(race.store);
  const className = useStudio(({ manifest }) => manifest?.classes[state.classId]?.name ?? `class ${state.classId}`);
  const { kind, passes } = lane;
  useEffect(() => (canvas.current ? startRacePainter(race, kind, canvas.current) : undefined), [race, kind]);
  const { name, hint } = laneNames[kind];
  const isShown = state.phase.kind === 'showing' || state.phase.kind === 'finished';
  const done = isShown ? passesAt(lane, state.clockMs) : lane.times.length;
  const isThere = isShown && done === passes;
  return (
    <section className={styles.lane} aria-label={name} data-there={isThere || undefined}>
      <canvas
        ref={canvas}
        className={styles.canvas}
        aria-label={frameOf(state, lane) > passes ? `${className}, finished` : `${className}, not finished`}
      />
      <div className={styles.words}>
        <h3 className={styles.name}>{name}</h3>
        <p className={styles.hint}>{hint}</p>
        <progress className={styles.bar} value={done} max={passes} aria-label={`Passes of ${name}`} />
        <p className={styles.count}>
          <span>{passWords(state, lane)}</span>
          {isThere && <strong className={styles.time}>{timeWords(endOf(lane))}</strong>}
        </p>
      </div>
    </section>
  );
}
