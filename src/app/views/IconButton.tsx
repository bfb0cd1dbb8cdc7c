import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { cx } from './cx.ts';
import styles from './IconButton.module.css';

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  /** What it does: its accessible name, and shown beside it on hover and focus. */
  readonly label: string;
  readonly icon: ReactNode;
  /** For a switch: whether it is on. */
  readonly pressed?: boolean;
  /** Where the label shows. */
  readonly tip?: 'below' | 'above';
}

/** A round button with a picture on it. */
export function IconButton({ label, icon, pressed, tip = 'below', className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      data-tip={label}
      data-tip-at={tip}
      className={cx(styles.button, className)}
      {...rest}
    >
      {icon}
    </button>
  );
}
