import { Pin, X } from 'lucide-react';
import { toggleBan, unpinAll } from '../commands/tokens.ts';
import { counted } from '../commands/words.ts';
import { sheetOf } from '../store/editing.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import { Tile } from './Tile.tsx';
import styles from './EditPanel.module.css';

/** What a person decided on single tokens: pins and banned codes, and how to take them back. */
export function DecidedField() {
  const desk = useDesk();
  const pinned = useStudio(({ history }) => sheetOf({ history }).pinned);
  const banned = useStudio(({ history }) => sheetOf({ history }).banned);
  const pins = pinned?.reduce<number>((sum, pin) => sum + pin, 0) ?? 0;
  return (
    <>
      {pins > 0 && (
        <div className={styles.marks}>
          <Pin size={16} className={styles.glyph} aria-hidden="true" />
          <span className={styles.name}>{counted(pins, 'token')} pinned</span>
          <IconButton label="Unpin all" tip="above" icon={<X size={17} />} onClick={() => unpinAll(desk)} />
        </div>
      )}
      {banned.length > 0 && (
        <fieldset className={styles.banned}>
          <legend className={styles.title}>Banned from this picture</legend>
          {banned.map((code) => (
            <button
              key={code}
              type="button"
              className={styles.code}
              aria-label={`Allow code ${code} again`}
              data-tip={`Allow code ${code} again`}
              onClick={() => toggleBan(desk, code)}
            >
              <Tile code={code} size={26} />
              <X size={14} aria-hidden="true" />
            </button>
          ))}
        </fieldset>
      )}
    </>
  );
}
