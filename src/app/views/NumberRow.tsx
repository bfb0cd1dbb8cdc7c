import { useId, useState } from 'react';
import type { Range } from '../../core/settings.ts';
import { readNumber } from './readNumber.ts';
import styles from './NumberRow.module.css';

interface NumberRowProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: number;
  readonly range: Range;
  /** With it a slider is offered from the minimum to here; the field goes on to the range's end. */
  readonly comfortMax?: number;
  readonly step?: number;
  readonly onChange: (value: number) => void;
}

/** A number to type or to slide. What is out of range becomes the nearest value that is not, and it says so. */
export function NumberRow({ label, hint, value, range, comfortMax, step = 1, onChange }: NumberRowProps) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const [note, setNote] = useState('');
  const type = (text: string): void => {
    const read = readNumber(text, label, range);
    setNote(read.note);
    setTyped(read.text);
    if (read.value !== undefined) onChange(read.value);
  };
  const about = [hint && `${id}-hint`, note && `${id}-note`].filter(Boolean).join(' ');
  return (
    <div className={styles.row}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className={styles.input}
        data-wide={range.max > 99999 || undefined}
        inputMode={range.whole ? 'numeric' : 'decimal'}
        autoComplete="off"
        value={typed ?? String(value)}
        aria-describedby={about || undefined}
        onChange={({ target }) => type(target.value)}
        onBlur={() => setTyped(undefined)}
      />
      {comfortMax !== undefined && (
        <input
          type="range"
          className={styles.slider}
          aria-label={`${label}, slider`}
          min={range.min}
          max={Math.min(comfortMax, range.max)}
          step={step}
          value={value}
          onChange={({ target }) => (setNote(''), onChange(Number(target.value)))}
        />
      )}
      {hint && (
        <span className={styles.hint} id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <output className={styles.note} id={`${id}-note`}>
        {note}
      </output>
    </div>
  );
}
