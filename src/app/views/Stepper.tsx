import { Minus, Plus } from 'lucide-react';
import { useId, useState } from 'react';
import { readNumber } from './readNumber.ts';
import styles from './Stepper.module.css';

interface StepperProps {
  readonly label: string;
  readonly value: number;
  /** Whole numbers from 1 to here. */
  readonly max: number;
  readonly onChange: (value: number) => void;
}

/** A small whole number to type, or to step with two buttons a thumb can hit. */
export function Stepper({ label, value, max, onChange }: StepperProps) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const type = (text: string) => {
    const read = readNumber(text, label, { min: 1, max, whole: true });
    setTyped(read.text);
    if (read.value !== undefined) onChange(read.value);
  };
  return (
    <div className={styles.stepper}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <button type="button" aria-label={`${label} less`} disabled={value <= 1} onClick={() => onChange(value - 1)}>
        <Minus size={14} aria-hidden="true" />
      </button>
      <input
        id={id}
        inputMode="numeric"
        autoComplete="off"
        value={typed ?? String(value)}
        onChange={({ target }) => type(target.value)}
        onBlur={() => setTyped(undefined)}
      />
      <button type="button" aria-label={`${label} more`} disabled={value >= max} onClick={() => onChange(value + 1)}>
        <Plus size={14} aria-hidden="true" />
      </button>
    </div>
  );
}
