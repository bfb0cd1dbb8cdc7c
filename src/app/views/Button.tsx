import type { ButtonHTMLAttributes } from 'react';
import styles from './Button.module.css';
import { cx } from './cx.ts';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** The one thing to do here, another thing that can be done, or one that cannot be undone. */
  readonly kind?: 'primary' | 'secondary' | 'danger';
  /** In a row of a list. */
  readonly isSmall?: boolean;
}

/** A button with words on it. */
export function Button({ kind = 'secondary', isSmall = false, className, ...rest }: ButtonProps) {
  return <button type="button" className={cx(styles[kind], isSmall && styles.small, className)} {...rest} />;
}
