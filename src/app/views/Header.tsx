import { BookOpen, ChevronDown, Flag, Keyboard, Moon, Settings, Sun } from 'lucide-react';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import styles from './Header.module.css';

export function Header() {
  const { openDialog } = useDesk().store.getState();
  return (
    <header className="app-head" data-region>
      <img src="./icons/icon.svg" width="28" height="28" alt="" />
      <h1 className="app-name">Unmask</h1>
      <span className="app-claim">Watch a picture appear, on your own device</span>
      <span className={styles.gap} />
      <MachineChip />
      <IconButton label="Race" aria-haspopup="dialog" icon={<Flag size={19} />} onClick={() => openDialog('race')} />
      <IconButton
        className={styles.guide ?? ''}
        label="How it works"
        icon={<BookOpen size={19} />}
        onClick={() => openDialog('guide')}
      />
      <ThemeButton />
      <IconButton
        className={styles.keys ?? ''}
        label="Keyboard shortcuts"
        icon={<Keyboard size={19} />}
        onClick={() => openDialog('shortcuts')}
      />
      <IconButton label="Settings" icon={<Settings size={19} />} onClick={() => openDialog('settings')} />
    </header>
  );
}

/** One word on the engine: what is loaded and whether it is ready; opens the models. */
function MachineChip() {
  const { openDialog } = useDesk().store.getState();
  const name = useStudio((studio) => studio.manifest?.name);
  const kind = useStudio((studio) => studio.machine.kind);
  if (!name) return null;
  const word = { starting: 'starting', loading: 'loading', ready: 'ready', failed: 'recordings' }[kind];
  return (
    <button
      type="button"
      className={styles.chip}
      data-kind={kind}
      aria-haspopup="dialog"
      aria-label={`${name}, ${word}; all models`}
      onClick={() => openDialog('models')}
    >
      <span className={styles.dot} aria-hidden="true" />
      <span className={styles.model}>{name}</span>
      <span className={styles.word}>{word}</span>
      <ChevronDown className={styles.more} size={15} aria-hidden="true" />
    </button>
  );
}

/** Light or dark, the other than now; the settings also know "as the system", and on a phone they alone have it. */
function ThemeButton() {
  const { store } = useDesk();
  const theme = useStudio((studio) => studio.theme);
  const isDark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <IconButton
      className={styles.theme ?? ''}
      label={isDark ? 'Light colours' : 'Dark colours'}
      icon={isDark ? <Sun size={19} /> : <Moon size={19} />}
      onClick={() => store.getState().prefer({ theme: isDark ? 'light' : 'dark' })}
    />
  );
}
