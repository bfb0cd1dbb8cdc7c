import { Download, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ModelCard } from '../../core/modelCard.ts';
import { askToKeep, deleteModel, exportModel } from '../commands/localShelf.ts';
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
      <Storage />
    </section>
  );
}

function LocalModel({ card }: { card: ModelCard }) {
  const desk = useDesk();
  const [isAsking, ask] = useState(false);
  const [isPacking, setPacking] = useState(false);
  const save = async () => {
    setPacking(true);
    await exportModel(desk, card);
    setPacking(false);
  };
  return (
    <li className={styles.model}>
      <span className={styles.name}>
        {card.name} <span className={styles.size}>{roundedSize(card.sizeBytes)}</span>
      </span>
      {isAsking ? (
        <span className={styles.ask}>
          <button type="button" className={styles.danger} onClick={() => void deleteModel(desk, card)}>
            Delete {card.name}
          </button>
          <button type="button" className={styles.quiet} onClick={() => ask(false)}>
            Keep
          </button>
        </span>
      ) : (
        <span className={styles.ask}>
          <IconButton
            label={isPacking ? 'Packing…' : `Save ${card.name} as a file`}
            icon={<Download size={18} />}
            disabled={isPacking}
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
