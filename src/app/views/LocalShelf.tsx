import { FolderDown, Play, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ModelCard } from '../../core/modelCard.ts';
import { offer } from '../commands/bring.ts';
import { exportModel } from '../commands/exportModel.ts';
import { askToKeep, deleteModel, deleteUnfinished } from '../commands/localShelf.ts';
import type { Unfinished } from '../store/bringing.ts';
import { Button } from './Button.tsx';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import { roundedSize } from './importWords.ts';
import styles from './LocalShelf.module.css';

/** The models that were brought in: how much room they take, and how to save or delete them. */
export function LocalShelf() {
  const local = useStudio((studio) => studio.local);
  return (
    <section className={styles.shelf} aria-label="On this device">
      {local.length > 0 && (
        <>
          <h3 className={styles.title}>On this device</h3>
          <ul className={styles.list}>
            {local.map((card) => (
              <LocalModel key={card.id} card={card} />
            ))}
          </ul>
        </>
      )}
      <UnfinishedFiles />
      <Storage />
    </section>
  );
}

/** What was fetched of files whose model was not made: a download that was left goes on from there. */
function UnfinishedFiles() {
  const all = useStudio((studio) => studio.unfinished);
  const tray = useStudio((studio) => studio.tray);
  const isIdle = useStudio(({ conversion: { kind } }) => kind === 'none' || kind === 'done' || kind === 'failed');
  // An address that lies on the tray is being worked on.
  const left = all.filter(({ url }) => !tray.some(({ name }) => name === url || url.endsWith(`/${name}`)));
  if (left.length === 0 || !isIdle) return null;
  return (
    <>
      <h3 className={styles.title}>Fetched in part</h3>
      <ul className={styles.list}>
        {left.map((each) => (
          <UnfinishedFile key={each.folder} unfinished={each} />
        ))}
      </ul>
    </>
  );
}

function UnfinishedFile({ unfinished }: { unfinished: Unfinished }) {
  const desk = useDesk();
  const { url, fetchedBytes, sizeBytes } = unfinished;
  const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1)!);
  return (
    <li className={styles.model}>
      <span className={styles.name}>
        {name}{' '}
        <span className={styles.size}>
          {roundedSize(fetchedBytes)} of {roundedSize(sizeBytes)}
        </span>
      </span>
      <span className={styles.ask}>
        <IconButton
          label={`Go on with ${name}`}
          icon={<Play size={18} />}
          onClick={() => void offer(desk, { kind: 'address', url })}
        />
        <IconButton
          label={`Delete what came of ${name}`}
          icon={<Trash2 size={18} />}
          onClick={() => void deleteUnfinished(desk, unfinished)}
        />
      </span>
    </li>
  );
}

function LocalModel({ card }: { card: ModelCard }) {
  const desk = useDesk();
  const [isAsking, ask] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const save = async () => {
    setSaving(true);
    await exportModel(desk, card);
    setSaving(false);
  };
  return (
    <li className={styles.model}>
      <span className={styles.name}>
        {card.name} <span className={styles.size}>{roundedSize(card.sizeBytes)}</span>
      </span>
      {isAsking ? (
        <span className={styles.ask}>
          <Button kind="danger" isSmall onClick={() => void deleteModel(desk, card)}>
            Delete {card.name}
          </Button>
          <Button isSmall onClick={() => ask(false)}>
            Keep
          </Button>
        </span>
      ) : (
        <span className={styles.ask}>
          <IconButton
            label={isSaving ? 'Saving…' : `Save ${card.name} elsewhere`}
            icon={<FolderDown size={18} />}
            disabled={isSaving}
            onClick={() => void save()}
          />
          <IconButton label={`Delete ${card.name}…`} icon={<Trash2 size={18} />} onClick={() => ask(true)} />
        </span>
      )}
    </li>
  );
}

/** What the browser lets this page keep. */
function Storage() {
  const desk = useDesk();
  const room = useStudio((studio) => studio.room);
  if (!room) return null;
  const { usedBytes, leftBytes, isKept } = room;
  const share = usedBytes / Math.max(1, usedBytes + leftBytes);
  return (
    <div className={styles.room}>
      <meter className={styles.meter} aria-label="Storage in use" min={0} max={1} value={share} />
      <p>
        Storage: {roundedSize(usedBytes)} used, {roundedSize(leftBytes)} left.{' '}
        {isKept ? 'The browser keeps it until you delete it.' : 'The browser may clear it when space runs short.'}{' '}
        {!isKept && (
          <button type="button" className={styles.link} onClick={() => void askToKeep(desk)}>
            Ask it to keep it
          </button>
        )}
      </p>
    </div>
  );
}
