import { ChevronRight, Dices } from 'lucide-react';
import { chooseClass } from '../commands/classes.ts';
import { cx } from './cx.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import { Thumb } from './Thumb.tsx';
import { useClassOnShow, usePlaceWords } from './useClassOnShow.ts';
import styles from './ClassField.module.css';

/** How many classes are offered at once, recent ones first. */
const QUICK = 6;
/** By their names, where the model has no pictures of them. */
const QUICK_NAMES = 3;

/** What to paint: the class on show, a way to every other, chance, and the ones used last. */
export function ClassField() {
  const desk = useDesk();
  return (
    <section className={styles.field} aria-label="Class">
      <h2 className={styles.title}>{usePlaceWords()}</h2>
      <div className={styles.row}>
        <ClassButton />
        <IconButton
          className={styles.dice ?? ''}
          label="A class by chance"
          icon={<Dices size={22} />}
          onClick={() => chooseClass(desk, 'random')}
        />
      </div>
      <QuickClasses />
    </section>
  );
}

/** The class on show; opens the picker. */
export function ClassButton() {
  const { store } = useDesk();
  const manifest = useStudio((studio) => studio.manifest);
  const { classId, box } = useClassOnShow();
  const name = manifest?.classes[classId]?.name;
  return (
    <button
      type="button"
      className={styles.choice}
      aria-haspopup="dialog"
      aria-label={name && `${name}, choose another class`}
      disabled={!manifest}
      onClick={() => store.getState().openDialog('classes')}
    >
      <Thumb classId={classId} size={48} />
      <span className={styles.words}>
        <span className={styles.name}>{name ?? (manifest ? `class ${classId}` : '…')}</span>
        <span className={styles.hint}>
          {!manifest ? 'loading' : box ? `in box ${box}; change` : `one of ${manifest.classes.length}; change`}
        </span>
      </span>
      <ChevronRight size={18} aria-hidden="true" />
    </button>
  );
}

function QuickClasses() {
  const desk = useDesk();
  const manifest = useStudio((studio) => studio.manifest);
  const recents = useStudio((studio) => studio.recents);
  const recordings = useStudio((studio) => studio.recordings);
  const { classId } = useClassOnShow();
  if (!manifest) return <div className={styles.quick} />;
  const hasPictures = manifest.assets.classThumbnails !== undefined;
  const count = hasPictures ? QUICK : QUICK_NAMES;
  const spread = Array.from({ length: count }, (_, i) => Math.floor((i * manifest.classes.length) / count));
  const offered = [...recents, ...recordings.map((card) => card.classId), ...spread];
  const quick = [...new Set(offered)].filter((id) => id < manifest.classes.length).slice(0, count);
  return (
    <fieldset className={styles.quick} aria-label={recents.length > 0 ? 'Used last' : 'To begin with'}>
      {quick.map((id) => (
        <button
          key={id}
          type="button"
          className={cx(styles.one, !hasPictures && styles.word)}
          aria-label={manifest.classes[id]?.name}
          aria-pressed={id === classId}
          title={manifest.classes[id]?.name}
          onClick={() => chooseClass(desk, id)}
        >
          {hasPictures ? <Thumb classId={id} size={40} /> : manifest.classes[id]?.name}
        </button>
      ))}
    </fieldset>
  );
}
