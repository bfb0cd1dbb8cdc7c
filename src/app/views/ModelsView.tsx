import { Check, FolderInput, ThumbsDown, ThumbsUp } from 'lucide-react';
import { localUrl } from '../../core/localModel.ts';
import type { ModelCard } from '../../core/modelCard.ts';
import { switchModel } from '../commands/start.ts';
import { useDesk, useStudio } from './desk.ts';
import { modelWords, reasonWords } from './modelWords.ts';
import styles from './ModelsView.module.css';

/** Every model there is, what it can and cannot, and which one paints now. */
export function ModelsView() {
  const { store } = useDesk();
  const shipped = useStudio((studio) => studio.shipped);
  const local = useStudio((studio) => studio.local);
  return (
    <div className={styles.models}>
      <ul className={styles.list} aria-label="Models">
        {shipped.map((card) => (
          <ModelEntry key={card.id} card={card} modelRef={card.id} />
        ))}
        {local.map((card) => (
          <ModelEntry key={card.id} card={card} modelRef={localUrl(card.id)} />
        ))}
      </ul>
      <button type="button" className={styles.bring} onClick={() => store.getState().openDialog('bring')}>
        <FolderInput size={22} aria-hidden="true" />
        <span>
          <strong>Bring your own model</strong>
          <span>From files you have or an address, for example MaskGIT’s 1,000 ImageNet classes.</span>
        </span>
      </button>
    </div>
  );
}

function ModelEntry({ card, modelRef }: { card: ModelCard; modelRef: string }) {
  const isInUse = useStudio((studio) => studio.modelRef === modelRef);
  const reason = useStudio((studio) => (isInUse ? reasonWords(studio.choiceReason) : undefined));
  const { facts, good, bad } = modelWords(card);
  return (
    <li className={styles.model} data-used={isInUse || undefined}>
      <div className={styles.head}>
        <h3 className={styles.name}>{card.name}</h3>
        <UseButton card={card} modelRef={modelRef} isInUse={isInUse} />
      </div>
      <p className={styles.facts}>
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      {card.summary && <p>{card.summary}</p>}
      {reason && <p className={styles.reason}>{reason}</p>}
      <ul className={styles.verdicts}>
        {good.map((words) => (
          <li key={words}>
            <ThumbsUp size={15} aria-label="Good" /> <span>{words}</span>
          </li>
        ))}
        {bad.map((words) => (
          <li key={words} data-bad>
            <ThumbsDown size={15} aria-label="Less good" /> <span>{words}</span>
          </li>
        ))}
      </ul>
      <p className={styles.licence}>
        Licence: {card.licence.name}. {card.licence.attribution}
      </p>
    </li>
  );
}

function UseButton({ card, modelRef, isInUse }: { card: ModelCard; modelRef: string; isInUse: boolean }) {
  const desk = useDesk();
  if (isInUse) {
    return (
      <span className={styles.used}>
        <Check size={16} aria-hidden="true" /> In use
      </span>
    );
  }
  const use = () => {
    desk.store.getState().openDialog(undefined);
    void switchModel(desk, modelRef);
  };
  return (
    <button type="button" className={styles.use} aria-label={`Use ${card.name}`} onClick={use}>
      Use
    </button>
  );
}
