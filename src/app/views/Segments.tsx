import { useId, type ReactNode } from 'react';
import styles from './Segments.module.css';

interface SegmentsProps<T extends string | number> {
  readonly label: string;
  readonly value: T | undefined;
  readonly options: readonly { readonly value: T; readonly text: string; readonly hint?: string }[];
  readonly onChange: (value: T) => void;
  /** Said under the choices. */
  readonly note?: ReactNode;
  readonly isLabelUnseen?: boolean;
}

/** One of a few, side by side: radio buttons, so that the arrow keys work as everywhere. */
export function Segments<T extends string | number>(props: SegmentsProps<T>) {
  const { label, value, options, onChange, note, isLabelUnseen } = props;
  const name = useId();
  return (
    <fieldset className={styles.set}>
      <legend className={isLabelUnseen ? 'unseen' : styles.label}>{label}</legend>
      <div className={styles.row}>
        {options.map((option) => (
          <label key={option.value} className={styles.one}>
            <input
              type="radio"
              className={styles.input}
              name={name}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.text}</span>
            {option.hint && <span className={styles.hint}>{option.hint}</span>}
          </label>
        ))}
      </div>
      {note && <p className={styles.note}>{note}</p>}
    </fieldset>
  );
}
