import { Ban, Pin, X } from 'lucide-react';
import { useEffect, useRef, useState, type CSSProperties } from 'react';
import { onShow } from '../commands/base.ts';
import { readToken, setToken, toggleBan, togglePin, type TokenLook } from '../commands/tokens.ts';
import { sheetOf } from '../store/editing.ts';
import { cx } from './cx.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import { Tile } from './Tile.tsx';
import type { StagePicture } from './useStagePicture.ts';
import styles from './TokenCard.module.css';

const CARD_WIDTH = 248;
const GAP = 12;

/** A token of the picture: how sure the model was, what it would rather put there, and what a person may decide on it. */
export default function TokenCard({ position, place }: { position: number; place: StagePicture }) {
  const { store } = useDesk();
  const seen = useTokenLook(position);
  const card = useRef<HTMLElement>(null);
  const [row, col] = [Math.floor(position / place.grid.cols), position % place.grid.cols];
  const close = () => {
    store.getState().touchUp({ look: undefined });
    document.getElementById('stage')?.focus({ preventScroll: true });
  };
  const isThere = seen !== undefined;
  useEffect(() => {
    if (isThere) card.current?.querySelector<HTMLElement>('[data-code]')?.focus({ preventScroll: true });
  }, [isThere, position]);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Esc closes it, wherever the focus is in it
    <section
      ref={card}
      className={styles.card}
      style={besideCell(row, col, place)}
      aria-label={`Token in column ${col + 1} row ${row + 1}`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        close();
      }}
    >
      <header className={styles.head}>
        <h3 className={styles.title}>
          Column {col + 1}, row {row + 1}
        </h3>
        <PinButton position={position} />
        <IconButton label="Close" tip="above" icon={<X size={17} />} onClick={close} />
      </header>
      {seen === undefined && <p className={styles.note}>Asking the model…</p>}
      {seen === 'none' && <p className={styles.note}>Nothing can be said of it now.</p>}
      {typeof seen === 'object' && <Choices seen={seen} />}
    </section>
  );
}

/** The token's look, anew when it or the picture changes; undefined until it is there. */
function useTokenLook(position: number): TokenLook | 'none' | undefined {
  const desk = useDesk();
  const id = useStudio(onShow);
  const isReady = useStudio((studio) => studio.machine.kind === 'ready' && studio.job.kind === 'idle');
  const [known, setKnown] = useState<{ position: number; look: TokenLook | 'none' }>();
  useEffect(() => {
    if (!isReady) return undefined;
    let isWanted = true;
    readToken(desk, position)
      .catch(() => undefined)
      .then((look) => isWanted && setKnown({ position, look: look ?? 'none' }));
    return () => void (isWanted = false);
  }, [desk, position, id, isReady]);
  return known?.position === position ? known.look : undefined;
}

function PinButton({ position }: { position: number }) {
  const desk = useDesk();
  const isPinned = useStudio(({ history }) => sheetOf({ history }).pinned?.[position] === 1);
  return (
    <IconButton
      label={isPinned ? 'Pinned: press to let go' : 'Pin: nothing paints it anew'}
      tip="above"
      pressed={isPinned}
      icon={<Pin size={17} />}
      onClick={() => togglePin(desk, position)}
    />
  );
}

function Choices({ seen }: { seen: TokenLook }) {
  const { codes, probabilities } = seen.top;
  const largest = probabilities[0] ?? 1;
  return (
    <>
      <p className={styles.now}>
        <Tile code={seen.code} size={34} />
        <span>
          The model was <strong>{percent(seen.sure)}</strong> sure
        </span>
      </p>
      <p className={styles.note}>Likeliest here, given the rest:</p>
      <ol className={styles.list}>
        {Array.from(codes, (code, i) => (
          <Choice
            key={code}
            seen={seen}
            code={code}
            probability={probabilities[i]!}
            share={probabilities[i]! / largest}
          />
        ))}
      </ol>
    </>
  );
}

interface ChoiceProps {
  readonly seen: TokenLook;
  readonly code: number;
  readonly probability: number;
  /** Length of its bar, 0 … 1. */
  readonly share: number;
}

function Choice({ seen, code, probability, share }: ChoiceProps) {
  const desk = useDesk();
  const isBanned = useStudio(({ history }) => sheetOf({ history }).banned.includes(code));
  const isHere = seen.code === code;
  return (
    <li className={styles.row}>
      <button
        type="button"
        className={styles.choice}
        data-code={code}
        aria-pressed={isHere}
        aria-label={`Code ${code}, ${percent(probability)}${isHere ? ', stands here' : ''}`}
        onClick={() => void setToken(desk, seen, code)}
      >
        <Tile code={code} size={28} />
        <span className={styles.bar} style={{ '--share': share } as CSSProperties} />
        <span className={styles.percent}>{percent(probability)}</span>
      </button>
      <IconButton
        className={cx(styles.ban)}
        label={isBanned ? `Allow code ${code} again` : `Ban code ${code} from this picture`}
        tip="above"
        pressed={isBanned}
        icon={<Ban size={15} />}
        onClick={() => toggleBan(desk, code)}
      />
    </li>
  );
}

function percent(probability: number): string {
  const share = probability * 100;
  return share > 0 && share < 1 ? '< 1 %' : `${Math.round(share)} %`;
}

/** Beside the cell, on the side with room; on a phone the style sheet puts the card at the foot of the page. */
function besideCell(row: number, col: number, { picture, grid, frame }: StagePicture): CSSProperties {
  const left = picture.x + (col * picture.width) / grid.cols;
  const right = picture.x + ((col + 1) * picture.width) / grid.cols;
  const middle = picture.y + ((row + 0.5) * picture.height) / grid.rows;
  const hasRoom = right + GAP + CARD_WIDTH <= frame.width;
  return {
    '--x': `${Math.max(0, hasRoom ? right + GAP : left - GAP - CARD_WIDTH)}px`,
    '--y': `${Math.max(0, Math.min(middle - 180, frame.height - 412))}px`,
  } as CSSProperties;
}
