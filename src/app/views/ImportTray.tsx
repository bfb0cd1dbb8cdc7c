import { CircleAlert, Info, PackageCheck, RotateCw, X } from 'lucide-react';
import type { ImportDtype, ImportPlan } from '../../wire/importer.ts';
import { answer, convert, offerAgain, takeBack } from '../commands/bring.ts';
import { missingWords } from '../commands/importLabel.ts';
import type { ImportOptionName, Offered } from '../store/bringing.ts';
import { Button } from './Button.tsx';
import { cx } from './cx.ts';
import { useDesk, useStudio } from './desk.ts';
import { IconButton } from './IconButton.tsx';
import { configWords, refusalOf, roundedSize } from './importWords.ts';
import { NumberRow } from './NumberRow.tsx';
import { Segments } from './Segments.tsx';
import styles from './ImportTray.module.css';

/** What was offered, what it is, what is missing, and what would come of it. */
export function ImportTray() {
  const tray = useStudio((studio) => studio.tray);
  const outlook = useStudio((studio) => studio.outlook);
  const missing = missingWords(tray);
  if (tray.length === 0) return null;
  return (
    <section className={styles.tray} aria-label="Files for the model">
      <ul className={styles.list}>
        {tray.map((offered) => (
          <Item key={offered.id} offered={offered} />
        ))}
      </ul>
      <div aria-live="polite" className={styles.words}>
        {missing && <Words kind="info" text={missing} />}
        {(outlook.kind === 'refused' || outlook.kind === 'asks') && (
          <Words kind={outlook.kind === 'asks' ? 'info' : 'bad'} text={outlook.message} />
        )}
      </div>
      <AskedFields />
      {outlook.kind === 'ready' && <Plan plan={outlook.plan} />}
    </section>
  );
}

function Item({ offered }: { offered: Offered }) {
  const desk = useDesk();
  const { name, networks, model, refusal, isCut, isLooking, sizeBytes } = offered;
  const what = model
    ? `a model of Unmask: ${model.name}`
    : networks.map(({ role, title }) => `${role}: ${title}`).join('; and ');
  return (
    <li className={cx(styles.item, refusal !== undefined && styles.bad)}>
      <span className={styles.text}>
        <span className={styles.name}>{name}</span>
        <span className={styles.what} role={refusal ? 'alert' : undefined}>
          {isLooking
            ? 'Looking into it…'
            : (refusalOf(offered) ?? `${what}${sizeBytes ? `, ${roundedSize(sizeBytes)}` : ''}`)}
        </span>
      </span>
      {isCut && (
        <IconButton
          label={`Try ${name} again`}
          icon={<RotateCw size={17} />}
          onClick={() => void offerAgain(desk, offered.id)}
        />
      )}
      <IconButton label={`Take ${name} back`} icon={<X size={17} />} onClick={() => takeBack(desk, offered.id)} />
    </li>
  );
}

function Words({ kind, text }: { kind: 'info' | 'bad'; text: string }) {
  const Icon = kind === 'info' ? Info : CircleAlert;
  return (
    <p className={cx(styles.note, kind === 'bad' && styles.bad)}>
      <Icon size={17} aria-hidden="true" /> <span>{text}</span>
    </p>
  );
}

const optionWords: Record<ImportOptionName, { readonly label: string; readonly hint: string; readonly max: number }> = {
  heads: { label: 'Heads', hint: 'of the transformer’s attention', max: 256 },
  groups: { label: 'Groups', hint: 'of the tokenizer’s norms', max: 1024 },
  codebook: { label: 'Codes', hint: 'of the tokenizer it was trained with', max: 2 ** 20 },
};

/** Numbers that no file tells. */
function AskedFields() {
  const desk = useDesk();
  const asked = useStudio((studio) => studio.asked);
  const options = useStudio((studio) => studio.importOptions);
  return asked.map((name) => {
    const { label, hint, max } = optionWords[name];
    return (
      <NumberRow
        key={name}
        label={label}
        hint={hint}
        value={options[name] ?? 0}
        range={{ min: 1, max, whole: true }}
        onChange={(value) => answer(desk, name, value)}
      />
    );
  });
}

/** What the model will be, how exactly its weights are kept, and the button. */
function Plan({ plan }: { plan: ImportPlan }) {
  const desk = useDesk();
  const dtype = useStudio((studio) => studio.dtype);
  const isCopy = useStudio((studio) => studio.tray.some(({ model }) => model !== undefined));
  const room = useStudio((studio) => studio.room);
  const { bring } = desk.store.getState();
  const { config, sizeBytes } = plan;
  const canRead = config.tokenizer !== undefined;
  const canPaint = canRead && config.transformer !== undefined;
  const verb = isCopy ? 'Bring it in' : canPaint ? 'Convert it' : 'Convert the tokenizer alone';
  return (
    <div className={styles.plan}>
      <p className={styles.note}>
        <PackageCheck size={17} aria-hidden="true" /> <span>{configWords(config)}</span>
      </p>
      {!isCopy && (
        <Segments<ImportDtype>
          label="How exactly to keep its weights"
          value={dtype}
          options={[
            { value: 'int8', text: 'Small', hint: roundedSize(sizeBytes.int8) },
            { value: 'f16', text: 'Usual', hint: roundedSize(sizeBytes.f16) },
            { value: 'f32', text: 'Exact', hint: roundedSize(sizeBytes.f32) },
          ]}
          note={dtypeNotes[dtype]}
          onChange={(value) => bring({ dtype: value })}
        />
      )}
      {canRead && (
        <Button kind="primary" onClick={() => void convert(desk)}>
          {verb}
        </Button>
      )}
      {room && sizeBytes[dtype] > room.leftBytes && (
        <Words kind="bad" text={`The browser lets this page keep only ${roundedSize(room.leftBytes)} more.`} />
      )}
    </div>
  );
}

const dtypeNotes: Record<ImportDtype, string> = {
  int8: 'One byte a weight. Nearly the same pictures; how nearly is measured afterwards.',
  f16: 'Two bytes a weight. To the eye the same pictures as the published weights.',
  f32: 'Four bytes a weight, every bit as published.',
};
