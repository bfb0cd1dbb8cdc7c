import { Pause, Play, StepBack, StepForward } from 'lucide-react';
import { seekTo, togglePlay } from '../commands/playback.ts';
import { speeds, type Speed } from '../store/stage.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import { StepBars } from './StepBars.tsx';
import { useFrameWords } from './useFrameWords.ts';
import styles from './Scrubber.module.css';

/** The time line of the run on the stage: play, step, drag. */
export function Scrubber() {
  const words = useFrameWords();
  return (
    <fieldset className={styles.scrubber} aria-label="Steps">
      <PlayButtons />
      <div className={styles.line}>
        <StepBars />
        <StepSlider words={words.long} />
      </div>
      <SpeedField />
      <p className={styles.words}>
        <span>{words.short}</span>
        <Legend />
      </p>
    </fieldset>
  );
}

function PlayButtons() {
  const desk = useDesk();
  const playing = useStudio((studio) => studio.playing);
  const frame = useStudio((studio) => studio.frame);
  const available = useStudio((studio) => studio.availableFrames);
  const isEmpty = useStudio((studio) => studio.showing === 'nothing');
  return (
    <div className={styles.buttons}>
      <IconButton
        label="One step back"
        tip="above"
        disabled={frame <= 0}
        icon={<StepBack size={18} />}
        onClick={() => seekTo(desk, frame - 1)}
      />
      <IconButton
        className={styles.play ?? ''}
        label={playing ? 'Pause' : 'Play'}
        tip="above"
        disabled={isEmpty}
        icon={playing ? <Pause size={20} fill="currentColor" /> : <Play size={20} fill="currentColor" />}
        onClick={() => togglePlay(desk)}
      />
      <IconButton
        label="One step on"
        tip="above"
        disabled={frame >= available}
        icon={<StepForward size={18} />}
        onClick={() => seekTo(desk, frame + 1)}
      />
    </div>
  );
}

function StepSlider({ words }: { words: string }) {
  const desk = useDesk();
  const frame = useStudio((studio) => studio.frame);
  const total = useStudio((studio) => studio.totalFrames);
  const isEmpty = useStudio((studio) => studio.showing === 'nothing');
  return (
    <input
      type="range"
      className={styles.slider}
      aria-label="Step"
      aria-valuetext={words}
      min={0}
      max={total}
      step={1}
      value={frame}
      disabled={isEmpty}
      style={{ '--played': `${(frame / total) * 100}%` }}
      onChange={({ target }) => seekTo(desk, Number(target.value))}
      onKeyDown={(event) => {
        if (event.key !== ' ') return;
        event.preventDefault();
        togglePlay(desk);
      }}
    />
  );
}

function SpeedField() {
  const { store } = useDesk();
  const speed = useStudio((studio) => studio.speed);
  return (
    <select
      className={styles.speed}
      aria-label="Speed"
      value={speed}
      onChange={({ target }) => store.getState().setSpeed(Number(target.value) as Speed)}
    >
      {speeds.map((one) => (
        <option key={one} value={one}>
          {one}×
        </option>
      ))}
    </select>
  );
}

/** How masked, guessed, newly fixed and fixed tokens look; or what the colours of the overlay mean. */
function Legend() {
  const overlay = useStudio((studio) => studio.overlay);
  if (overlay === 'sureness') {
    return (
      <span className={styles.sureness}>
        unsure <span className={styles.scale} /> sure
      </span>
    );
  }
  return (
    <span className={styles.legend}>
      {(['masked', 'guess', 'new', 'fixed'] as const).map((kind) => (
        <span key={kind} className={styles.kind}>
          <span className={styles.swatch} data-kind={kind} /> {kind}
        </span>
      ))}
    </span>
  );
}
