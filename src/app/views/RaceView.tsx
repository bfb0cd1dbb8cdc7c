import { Flag, RotateCcw, Square } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import {
  chooseOpponent,
  chooseRaceClass,
  closeRace,
  openRace,
  raceOf,
  racerOf,
  showRace,
  startRace,
  stopRace,
  tickRace,
  type Race,
} from '../commands/race.ts';
import type { Opponent } from '../store/race.ts';
import { Button } from './Button.tsx';
import { useDesk, useStudio } from './desk.ts';
import { megabytes } from './loadWords.ts';
import { RaceLane } from './RaceLane.tsx';
import { laneNames, statusWords, timeWords } from './raceWords.ts';
import { Segments } from './Segments.tsx';
import styles from './RaceView.module.css';

/** The paper's claim to be watched: a few passes of many tokens against as many passes as there are tokens. */
export default function RaceView() {
  const id = useStudio((studio) => studio.manifest?.id);
  return id === undefined ? <p className={styles.note}>There is no model yet.</p> : <Course key={id} />;
}

function Course() {
  const desk = useDesk();
  const [race] = useState(() => raceOf(desk));
  useEffect(() => (openRace(race), () => closeRace(race)), [race]);
  const { phase, lanes, clockMs } = useStore(race.store);
  // Whatever else the GPU does would be timed with the race.
  const isBusy = useStudio((studio) => studio.job.kind === 'running' || studio.isMeasuring);
  useClock(race);
  return (
    <div className={styles.race} data-phase={phase.kind}>
      <Choices race={race} />
      <div className={styles.lanes}>
        {lanes.map((lane) => (
          <RaceLane key={lane.kind} race={race} lane={lane} />
        ))}
      </div>
      <div className={styles.foot}>
        <output className={styles.status} data-phase={phase.kind}>
          {isBusy ? (
            'Your device is busy with a picture or a measurement; the race can start when that is done.'
          ) : (
            <Status race={race} />
          )}
        </output>
        <output className={styles.clock} aria-live="off" aria-label="Clock">
          {timeWords(clockMs)}
        </output>
        <RaceButtons race={race} isBusy={isBusy} />
      </div>
      <p className={styles.note}>
        Fair: each runs alone on this device, with the same readback after every pass; decoding to pixels is the same
        for both and not counted.
      </p>
    </div>
  );
}

/** Only its words: a clock that moves changes nothing here, so nothing is said again. */
function Status({ race }: { race: Race }) {
  return <>{useStore(race.store, statusWords)}</>;
}

function Choices({ race }: { race: Race }) {
  const desk = useDesk();
  const { opponent, classId } = useStore(race.store);
  const classes = useStudio((studio) => studio.manifest?.classes ?? []);
  const card = racerOf(desk);
  return (
    <div className={styles.choices}>
      <label className={styles.field}>
        <span className={styles.label}>Both paint</span>
        <select
          className={styles.select}
          value={classId}
          onChange={({ target }) => chooseRaceClass(race, Number(target.value))}
        >
          {classes.map(({ name }, id) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {card && (
        <Segments<Opponent>
          label="Against MaskGIT"
          value={opponent}
          options={[
            { value: 'oneByOne', text: laneNames.oneByOne.name, hint: 'the same network' },
            { value: 'cached', text: laneNames.cached.name, hint: `${megabytes(card.sizeBytes)} MB, once` },
          ]}
          onChange={(value) => chooseOpponent(race, value)}
        />
      )}
    </div>
  );
}

/** One button in one place: start, stop, once more. */
function RaceButtons({ race, isBusy }: { race: Race; isBusy: boolean }) {
  const { kind } = useStore(race.store, ({ phase }) => phase);
  const isOn = kind === 'timing' || kind === 'showing';
  return (
    <div className={styles.buttons}>
      {kind === 'finished' && (
        <Button onClick={() => showRace(race)}>
          <RotateCcw size={17} aria-hidden="true" /> Show again
        </Button>
      )}
      <Button
        kind="primary"
        className={styles.start}
        disabled={kind === 'loading' || kind === 'failed' || (isBusy && !isOn)}
        onClick={() => (isOn ? stopRace(race) : void startRace(race))}
      >
        {isOn ? <Square size={16} aria-hidden="true" /> : <Flag size={17} aria-hidden="true" />}
        {isOn ? 'Stop' : kind === 'finished' ? 'Race again' : 'Start'}
      </Button>
    </div>
  );
}

/** Moves the race's clock with the screen while a race is shown. */
function useClock(race: Race): void {
  const isShowing = useStore(race.store, ({ phase }) => phase.kind === 'showing');
  useEffect(() => {
    if (!isShowing) return undefined;
    const sinceMs = performance.now();
    let request = requestAnimationFrame(function tick(nowMs) {
      if (tickRace(race, Math.max(0, nowMs - sinceMs))) request = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(request);
  }, [race, isShowing]);
}
