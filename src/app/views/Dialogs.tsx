import { X } from 'lucide-react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { lazy, Suspense, type ReactNode } from 'react';
import type { DialogName } from '../store/page.ts';
import { ClassPicker } from './ClassPicker.tsx';
import { Controls } from './Controls.tsx';
import { cx } from './cx.ts';
import { useDesk } from './desk.ts';
import { EditPanel } from './EditPanel.tsx';
import { Guide } from './Guide.tsx';
import { IconButton } from './IconButton.tsx';
import { ImportView } from './ImportView.tsx';
import { ModelsView } from './ModelsView.tsx';
import { SettingsView } from './SettingsView.tsx';
import { ShortcutList } from './ShortcutList.tsx';
import styles from './Dialogs.module.css';

const BringView = lazy(() => import('./BringView.tsx'));
const RaceView = lazy(() => import('./RaceView.tsx'));

const dialogs: Record<DialogName, { readonly title: string; readonly body: () => ReactNode; readonly isWide?: true }> =
  {
    classes: { title: 'What shall it paint?', body: () => <ClassPicker />, isWide: true },
    settings: { title: 'Settings', body: () => <SettingsView /> },
    shortcuts: { title: 'Keyboard shortcuts', body: () => <ShortcutList />, isWide: true },
    controls: { title: 'How it paints', body: () => <Controls withClass={false} /> },
    boxes: { title: 'Repaint a part', body: () => <EditPanel /> },
    import: { title: 'Your own picture', body: () => <ImportView />, isWide: true },
    models: { title: 'Models', body: () => <ModelsView />, isWide: true },
    bring: {
      title: 'Bring your own model',
      body: () => (
        <Suspense fallback={<p className={styles.coming}>One moment…</p>}>
          <BringView />
        </Suspense>
      ),
      isWide: true,
    },
    race: {
      title: 'Race',
      body: () => (
        <Suspense fallback={<p className={styles.coming}>One moment…</p>}>
          <RaceView />
        </Suspense>
      ),
      isWide: true,
    },
    guide: { title: 'How it works', body: () => <Guide isTitled={false} /> },
  };

/** The dialog that is open: in the middle of a desktop, from the foot of a phone. */
export default function Dialogs({ dialog }: { dialog: DialogName }) {
  const { store } = useDesk();
  const { title, body, isWide } = dialogs[dialog];
  const close = () => store.getState().openDialog(undefined);
  return (
    <ModalOverlay className={styles.veil ?? ''} isOpen isDismissable onOpenChange={(isOpen) => !isOpen && close()}>
      <Modal className={cx(styles.modal, isWide && styles.wide)}>
        <Dialog className={styles.dialog ?? ''}>
          <header className={styles.head}>
            <Heading slot="title" className={styles.title ?? ''}>
              {title}
            </Heading>
            <IconButton label="Close" icon={<X size={20} />} onClick={close} />
          </header>
          <div className={styles.body}>{body()}</div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
