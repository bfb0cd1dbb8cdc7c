import { Copy, Download, RotateCw, Star, Trash2 } from 'lucide-react';
import { copyResult, deleteResult, downloadResult, toggleStar, reuseSettings } from '../commands/results.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import styles from './ResultActions.module.css';

/** What can be done with the result on the stage. */
export function ResultActions() {
  const desk = useDesk();
  const result = useStudio(({ results, reelId }) => results.find(({ id }) => id === reelId));
  if (!result) return null;
  const { id, starred } = result;
  return (
    <div className={styles.actions} role="toolbar" aria-label="This picture">
      <IconButton
        label="Star"
        pressed={starred}
        icon={<Star size={19} fill={starred ? 'currentColor' : 'none'} />}
        className={styles.star ?? ''}
        onClick={() => void toggleStar(desk, id)}
      />
      <IconButton
        label="Use its settings and seed"
        icon={<RotateCw size={18} />}
        onClick={() => reuseSettings(desk, result, true)}
      />
      <IconButton label="Copy the picture" icon={<Copy size={18} />} onClick={() => void copyResult(desk, id)} />
      <IconButton label="Download PNG" icon={<Download size={19} />} onClick={() => void downloadResult(desk, id)} />
      <IconButton label="Delete" icon={<Trash2 size={18} />} onClick={() => void deleteResult(desk, id)} />
    </div>
  );
}
