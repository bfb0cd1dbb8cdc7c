import { FileUp, FolderUp, Plus } from 'lucide-react';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { offer } from '../commands/bring.ts';
import { readRoom } from '../commands/localShelf.ts';
import { offeringsOf } from '../commands/offerings.ts';
import { Button } from './Button.tsx';
import { ConversionBar } from './ConversionBar.tsx';
import { cx } from './cx.ts';
import { useDesk, useStudio } from './desk.ts';
import { ImportTray } from './ImportTray.tsx';
import { LocalShelf } from './LocalShelf.tsx';
import { PublicShelf } from './PublicShelf.tsx';
import styles from './BringView.module.css';

/** Make a model of files that a person has, or of an address; what is on this device; what others published. */
export default function BringView() {
  const desk = useDesk();
  const conversion = useStudio((studio) => studio.conversion.kind);
  useEffect(() => void readRoom(desk), [desk]);
  const isBusy = conversion === 'running' || conversion === 'paused' || conversion === 'comparing';
  return (
    <div className={styles.bring}>
      {!isBusy && <Offer />}
      {!isBusy && <ImportTray />}
      <ConversionBar />
      <LocalShelf />
      <PublicShelf />
    </div>
  );
}

/** Drop, choose or name: three ways to the same tray. */
function Offer() {
  const desk = useDesk();
  const isTrayEmpty = useStudio((studio) => studio.tray.length === 0);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null) => {
    for (const offering of offeringsOf([...(list ?? [])])) void offer(desk, offering);
  };
  return (
    <section className={cx(styles.offer, !isTrayEmpty && styles.compact)} aria-label="Bring files">
      {isTrayEmpty && <Invitation />}
      <div className={styles.ways}>
        <Button kind="primary" onClick={() => files.current?.click()}>
          Choose files
        </Button>
        <Button onClick={() => folder.current?.click()}>
          <FolderUp size={17} aria-hidden="true" /> A folder
        </Button>
      </div>
      <input
        ref={files}
        type="file"
        multiple
        className="unseen"
        tabIndex={-1}
        aria-label="Checkpoint files"
        onChange={({ target }) => (take(target.files), (target.value = ''))}
      />
      <input
        ref={folder}
        type="file"
        className="unseen"
        tabIndex={-1}
        aria-label="Checkpoint folder"
        onChange={({ target }) => (take(target.files), (target.value = ''))}
        {...{ webkitdirectory: '' }}
      />
      <AddressForm />
    </section>
  );
}

function Invitation() {
  return (
    <>
      <FileUp size={30} aria-hidden="true" />
      <p>
        Drop the files of a MaskGIT here: its <strong>transformer</strong>, which paints, and its{' '}
        <strong>tokenizer</strong>, which makes pixels. They are read on this device and sent nowhere.
      </p>
    </>
  );
}

function AddressForm() {
  const desk = useDesk();
  const [url, setUrl] = useState('');
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (url.trim() === '') return;
    void offer(desk, { kind: 'address', url: url.trim() });
    setUrl('');
  };
  return (
    <form className={styles.address} onSubmit={add}>
      <input
        type="text"
        inputMode="url"
        className={styles.url}
        aria-label="Address of a checkpoint file"
        placeholder="or the address of a file: https://…"
        autoComplete="off"
        spellCheck={false}
        value={url}
        onChange={({ target }) => setUrl(target.value)}
      />
      <Button type="submit" disabled={url.trim() === ''}>
        <Plus size={17} aria-hidden="true" /> Add
      </Button>
    </form>
  );
}
