import { lazy, Suspense, useEffect } from 'react';
import { useDesk, useStudio } from './desk.ts';
import { ActionBar } from './ActionBar.tsx';
import { Controls } from './Controls.tsx';
import { Filmstrip } from './Filmstrip.tsx';
import { Guide } from './Guide.tsx';
import { Header } from './Header.tsx';
import { LiveRegion } from './LiveRegion.tsx';
import { NoticeBar } from './NoticeBar.tsx';
import { PhoneBar } from './PhoneBar.tsx';
import { ProblemCard, SoftwareNote } from './ProblemCard.tsx';
import { Stage } from './Stage.tsx';
import { useIsPhone } from './useIsPhone.ts';
import styles from './App.module.css';

const Dialogs = lazy(() => import('./Dialogs.tsx'));

/** The page: where everything stands. Sizes are in index.html, so that the shell before it has the same. */
export function App() {
  const isPhone = useIsPhone();
  useTheme();
  return (
    <>
      <a className={styles.skip} href="#stage">
        Skip to the picture
      </a>
      <div className="app">
        <Header />
        {!isPhone && (
          <aside className="app-controls" aria-label="What to paint" data-region>
            <Controls />
            <ActionBar />
          </aside>
        )}
        <main className="app-stage" data-region>
          <ProblemCard />
          {isPhone && <SoftwareNote />}
          <Stage />
        </main>
        <aside className="app-guide" aria-label="How it works" data-region>
          <Guide />
        </aside>
        <section className="app-strip" aria-label="Pictures" data-region>
          <Filmstrip />
        </section>
        {isPhone && <PhoneBar />}
      </div>
      <OpenDialogs />
      <NoticeBar />
      <LiveRegion />
    </>
  );
}

/** Dialogs come in a file of their own, the first time one is opened. */
function OpenDialogs() {
  const dialog = useStudio((studio) => studio.dialog);
  return <Suspense>{dialog && <Dialogs dialog={dialog} />}</Suspense>;
}

function useTheme(): void {
  const { store } = useDesk();
  const theme = useStudio((studio) => studio.theme);
  const motion = useStudio((studio) => studio.motion);
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === 'system') delete dataset['theme'];
    else dataset['theme'] = theme;
    dataset['motion'] = motion;
  }, [store, theme, motion]);
}
