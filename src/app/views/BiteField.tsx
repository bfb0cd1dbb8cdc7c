import { useStudio, useDesk } from './desk.ts';
import styles from './EditPanel.module.css';

/** Shares of the picture that a biting brush may be kept to, in percent, the weakest of it. */
const shares = [10, 20, 30, 40, 50] as const;
const USUAL = 0.3;

/** Whether the brush marks every cell, or only those that the model was unsure of. */
export function BiteField() {
  const { store } = useDesk();
  const bite = useStudio((studio) => studio.bite);
  const { touchUp } = store.getState();
  return (
    <div className={styles.bite}>
      <label className={styles.same}>
        <input type="checkbox" checked={bite > 0} onChange={() => touchUp({ bite: bite > 0 ? 0 : USUAL })} />
        Only where it is unsure
      </label>
      {bite > 0 && (
        <select
          aria-label="Share of the picture that counts as unsure"
          value={Math.round(bite * 100)}
          onChange={({ target }) => touchUp({ bite: Number(target.value) / 100 })}
        >
          {shares.map((share) => (
            <option key={share} value={share}>
              {share} %
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
