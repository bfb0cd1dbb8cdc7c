import { Shuffle, Sparkle } from 'lucide-react';
import { useState } from 'react';
import { markAtRandom, markWeakest } from '../commands/masks.ts';
import { useDesk } from './desk.ts';
import styles from './EditPanel.module.css';

const shares = [10, 20, 30, 40, 50] as const;

/** Mark a share of the picture: what the model was least sure of, or cells by chance for a variation. */
export function TouchUp() {
  const desk = useDesk();
  const [percent, setPercent] = useState<number>(30);
  return (
    <details className={styles.touchUp}>
      <summary>Touch up</summary>
      <label className={styles.share}>
        <span>Share of the picture</span>
        <select value={percent} onChange={({ target }) => setPercent(Number(target.value))}>
          {shares.map((share) => (
            <option key={share} value={share}>
              {share} %
            </option>
          ))}
        </select>
      </label>
      <div className={styles.invitation}>
        <button type="button" className={styles.way} onClick={() => void markWeakest(desk, percent / 100)}>
          <Sparkle size={17} aria-hidden="true" /> The weakest
        </button>
        <button type="button" className={styles.way} onClick={() => markAtRandom(desk, percent / 100)}>
          <Shuffle size={17} aria-hidden="true" /> A variation
        </button>
      </div>
      <p className={styles.hint}>Marks cells; Repaint paints them anew. Weakest: where the model was least sure.</p>
    </details>
  );
}
