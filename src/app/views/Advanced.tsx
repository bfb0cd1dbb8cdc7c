import { ChevronDown, Lock, LockOpen, RotateCcw } from 'lucide-react';
import { settingRanges } from '../../core/settings.ts';
import type { SamplerSettings } from '../../core/request.ts';
import { scheduleNames, type ScheduleName } from '../../core/schedules.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import { NumberRow } from './NumberRow.tsx';
import { Segments } from './Segments.tsx';
import styles from './Advanced.module.css';

/** The sampler's own settings, for those who want them. */
export function Advanced() {
  const { store } = useDesk();
  const config = useStudio((studio) => studio.manifest?.config);
  const { resetSettings, tune } = store.getState();
  return (
    <details className={styles.advanced}>
      <summary className={styles.summary}>
        <span>Advanced</span>
        <ChevronDown size={18} aria-hidden="true" />
      </summary>
      {config && (
        <div className={styles.fields}>
          <SettingFields tune={tune} />
          <SeedField />
          <button type="button" className={styles.reset} onClick={resetSettings}>
            <RotateCcw size={15} aria-hidden="true" /> Reset to the model’s own settings
          </button>
        </div>
      )}
    </details>
  );
}

type Tune = (part: Partial<SamplerSettings>) => void;

/** The settings that are numbers; maximum and step are those of the slider. */
const numberRows = {
  steps: { label: 'Steps', comfortMax: 32 },
  temperature: { label: 'Temperature', hint: 'How freely each token is drawn', comfortMax: 2, step: 0.05 },
  choiceTemperature: {
    label: 'Choice temperature',
    hint: 'Chance in which tokens are fixed first',
    comfortMax: 12,
    step: 0.1,
  },
  corrections: {
    label: 'Corrections',
    hint: 'Steps that go over the finished picture, half of it at a time, and mend what does not fit',
    comfortMax: 16,
  },
  guidanceScale: {
    label: 'Guidance',
    hint: 'How strictly it follows the class; above 0 it doubles the work',
    comfortMax: 6,
    step: 0.1,
  },
} as const;

function NumberSetting({ name }: { name: keyof typeof numberRows }) {
  const { store } = useDesk();
  const value = useStudio((studio) => studio.wish.settings[name]);
  const config = useStudio((studio) => studio.manifest!.config);
  const range = settingRanges(config)[name];
  const onChange = (next: number) => store.getState().tune({ [name]: next });
  const hint = useHint(name);
  return <NumberRow {...numberRows[name]} {...(hint && { hint })} value={value} range={range} onChange={onChange} />;
}

/** What a number means, and what edits take in its place while nobody has moved it. */
function useHint(name: keyof typeof numberRows): string | undefined {
  const value = useStudio((studio) => studio.wish.settings[name]);
  const { sampler, editSampler = sampler } = useStudio((studio) => studio.manifest!);
  const row = numberRows[name];
  const hint = 'hint' in row ? row.hint : undefined;
  if (value !== sampler[name] || editSampler[name] === value) return hint;
  return [...(hint ? [hint] : []), `repainting a part takes ${editSampler[name]}`].join('; ');
}

function SettingFields({ tune }: { tune: Tune }) {
  const settings = useStudio((studio) => studio.wish.settings);
  const canGuide = useStudio((studio) => settingRanges(studio.manifest!.config).guidanceScale.max > 0);
  return (
    <>
      <NumberSetting name="steps" />
      <ScheduleField schedule={settings.schedule} tune={tune} />
      <Segments
        label="Fixed first"
        value={settings.order}
        options={[
          { value: 'confidence', text: 'The surest' },
          { value: 'halton', text: 'Spread (Halton)' },
          { value: 'raster', text: 'Row by row' },
        ]}
        onChange={(order) => tune({ order })}
      />
      <NumberSetting name="temperature" />
      <NumberSetting name="choiceTemperature" />
      <NumberSetting name="corrections" />
      <SmallBoxes />
      {canGuide && (
        <>
          <NumberSetting name="guidanceScale" />
          <Segments
            label="Guidance over the steps"
            value={settings.guidanceRamp}
            options={[
              { value: 'constant', text: 'Constant' },
              { value: 'linear', text: 'Growing' },
            ]}
            onChange={(guidanceRamp) => tune({ guidanceRamp })}
          />
        </>
      )}
    </>
  );
}

/** Whether small boxes are painted from near; only where the model gains by it. */
function SmallBoxes() {
  const { store } = useDesk();
  const isOn = useStudio((studio) => studio.wish.closeUp);
  const hasCloseUps = useStudio((studio) => studio.manifest?.closeUp !== undefined);
  if (!hasCloseUps) return null;
  return (
    <Segments
      label="Small boxes are painted"
      value={isOn ? 'near' : 'plain'}
      options={[
        { value: 'near', text: 'Enlarged' },
        { value: 'plain', text: 'As they are' },
      ]}
      onChange={(value) => store.getState().change({ closeUp: value === 'near' })}
    />
  );
}

function ScheduleField({ schedule, tune }: { schedule: ScheduleName; tune: Tune }) {
  return (
    <label className={styles.field}>
      <span>Schedule</span>
      <select
        className={styles.select}
        value={schedule}
        onChange={({ target }) => tune({ schedule: target.value as ScheduleName })}
      >
        {scheduleNames.map((name) => (
          <option key={name} value={name}>
            {name.replace(/[A-Z]/, (letter) => ` ${letter.toLowerCase()}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The number that chance begins with: open, it is drawn anew at every press; locked, the picture repeats. */
function SeedField() {
  const { store } = useDesk();
  const seed = useStudio((studio) => studio.wish.seed);
  const isLocked = useStudio((studio) => studio.wish.seedLocked);
  const { change } = store.getState();
  return (
    <div className={styles.seed}>
      <NumberRow
        label="Seed"
        hint={isLocked ? 'Locked: the same picture every time' : 'Drawn anew at every press'}
        value={seed}
        range={{ min: 0, max: 0xffff_ffff, whole: true }}
        onChange={(value) => change({ seed: value, seedLocked: true })}
      />
      <IconButton
        label={isLocked ? 'Unlock the seed' : 'Lock the seed'}
        pressed={isLocked}
        tip="above"
        icon={isLocked ? <Lock size={18} /> : <LockOpen size={18} />}
        onClick={() => change({ seedLocked: !isLocked })}
      />
    </div>
  );
}
