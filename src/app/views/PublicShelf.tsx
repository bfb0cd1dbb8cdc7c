import { Download, ExternalLink } from 'lucide-react';
import { offer } from '../commands/bring.ts';
import { publishedModels, type PublishedFile, type PublishedModel } from '../data/checkpoints.ts';
import { useDesk, useStudio } from './desk.ts';
import { needsWords, roundedSize } from './importWords.ts';
import styles from './PublicShelf.module.css';

/** Checkpoints that others published and that can be brought in: what each does, and what it takes. */
export function PublicShelf() {
  return (
    <section className={styles.shelf} aria-label="Public checkpoints">
      <h3 className={styles.title}>Public checkpoints</h3>
      <p className={styles.note}>
        Published by others, under their licences. Nothing is fetched before you press a button; sizes and quality are
        theirs.
      </p>
      <ul className={styles.list}>
        {publishedModels.map((model) => (
          <Entry key={model.name} model={model} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ model }: { model: PublishedModel }) {
  const { name, by, does, licence, published, files } = model;
  const total = files.reduce((sum, { sizeMb = 0 }) => sum + sizeMb, 0);
  return (
    <li>
      <details className={styles.entry}>
        <summary className={styles.summary}>
          <span className={styles.name}>{name}</span>
          <span className={styles.brief}>{roundedSize(total * 1e6)}</span>
        </summary>
        <div className={styles.more}>
          <p>
            {does} {needsWords(model)}
          </p>
          <p className={styles.note}>
            By {by}. Licence: {licence}.{published && ` As published: ${published}.`}
          </p>
          <ul className={styles.files}>
            {files.map((file) => (
              <FileRow key={file.name} file={file} />
            ))}
          </ul>
        </div>
      </details>
    </li>
  );
}

const roles = { tokenizer: 'tokenizer', transformer: 'transformer', both: 'both networks' };

function FileRow({ file }: { file: PublishedFile }) {
  const desk = useDesk();
  const isOnTray = useStudio((studio) => studio.tray.some(({ name }) => name === file.name || name === file.url));
  const { name, role, sizeMb, usedMb, url, isFetchable } = file;
  const isFile = url.endsWith(`/${name}`);
  return (
    <li className={styles.file}>
      <span className={styles.what}>
        <span className={styles.fileName}>{name}</span>
        <span className={styles.note}>
          {roles[role]}
          {sizeMb !== undefined && `, ${roundedSize(sizeMb * 1e6)}`}
          {isFetchable && usedMb && usedMb !== sizeMb && `, of which ${roundedSize(usedMb * 1e6)} are fetched`}
          {!isFetchable && '; save it, then drop it here'}
        </span>
      </span>
      {isFetchable ? (
        <button
          type="button"
          className={styles.get}
          disabled={isOnTray}
          onClick={() => void offer(desk, { kind: 'address', url })}
        >
          <Download size={16} aria-hidden="true" /> Add <span className="unseen">{name}</span>
        </button>
      ) : (
        <a className={styles.get} href={url} target="_blank" rel="noreferrer">
          <ExternalLink size={16} aria-hidden="true" /> {isFile ? 'Save' : 'Open'}{' '}
          <span className="unseen">{isFile ? name : `the page of ${name}`}</span>
        </a>
      )}
    </li>
  );
}
