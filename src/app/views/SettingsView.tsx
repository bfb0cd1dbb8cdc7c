import { copyReport, reportText } from '../commands/report.ts';
import type { Motion, Theme } from '../store/page.ts';
import { useDesk, useStudio } from './desk.ts';
import { Segments } from './Segments.tsx';
import { megabytes } from './loadWords.ts';
import { TuningField } from './TuningField.tsx';
import styles from './SettingsView.module.css';

/** How the page looks and behaves, and what it runs on. */
export function SettingsView() {
  const { prefer } = useDesk().store.getState();
  const theme = useStudio((studio) => studio.theme);
  const motion = useStudio((studio) => studio.motion);
  return (
    <div className={styles.settings}>
      <Segments<Theme>
        label="Colours"
        value={theme}
        options={[
          { value: 'system', text: 'As the system' },
          { value: 'light', text: 'Light' },
          { value: 'dark', text: 'Dark' },
        ]}
        onChange={(value) => prefer({ theme: value })}
      />
      <Segments<Motion>
        label="Motion"
        value={motion}
        options={[
          { value: 'system', text: 'As the system' },
          { value: 'full', text: 'Full' },
          { value: 'reduced', text: 'Reduced' },
        ]}
        onChange={(value) => prefer({ motion: value })}
      />
      <SingleKeysSwitch />
      <Device />
    </div>
  );
}

/** Keys without Ctrl or ⌘ disturb some people's tools: they can be switched off. */
export function SingleKeysSwitch() {
  const { prefer } = useDesk().store.getState();
  const singleKeys = useStudio((studio) => studio.singleKeys);
  return (
    <label className={styles.switch}>
      <input type="checkbox" checked={singleKeys} onChange={({ target }) => prefer({ singleKeys: target.checked })} />
      <span>Shortcuts of a single key</span>
    </label>
  );
}

function Device() {
  const desk = useDesk();
  const adapter = useStudio((studio) => studio.adapter);
  const machine = useStudio((studio) => studio.machine);
  useStudio((studio) => studio.problem);
  return (
    <section className={styles.device}>
      <h3 className={styles.title}>This device</h3>
      {adapter && (
        <p>
          {[adapter.vendor, adapter.architecture, adapter.description].filter(Boolean).join(' ')}
          {adapter.isFallback && ', in software'}
          {machine.kind === 'ready' &&
            `; the model takes ${megabytes(machine.model.weightBytes + machine.model.scratchBytes)} MB of its memory`}
        </p>
      )}
      <TuningField />
      <pre className={styles.report}>{reportText(desk)}</pre>
      <button type="button" className={styles.copy} onClick={() => void copyReport(desk)}>
        Copy this report
      </button>
    </section>
  );
}
