import { liveObstacle } from '../commands/live.ts';
import { useDesk, useStudio } from './desk.ts';
import styles from './EditPanel.module.css';

/** Paint while a box is dragged: a switch, and in one sentence why it does nothing where it does nothing. */
export function LiveField() {
  const { store } = useDesk();
  const live = useStudio((studio) => studio.live);
  const obstacle = useStudio(liveObstacle);
  return (
    <div>
      <label className={styles.same}>
        <input
          type="checkbox"
          role="switch"
          checked={live}
          aria-checked={live}
          onChange={() => store.getState().touchUp({ live: !live })}
        />
        Live: paint while a box is dragged
      </label>
      {live && (
        <p className={obstacle ? styles.note : styles.hint}>{obstacle ?? 'In few steps; Repaint takes all of them.'}</p>
      )}
    </div>
  );
}
