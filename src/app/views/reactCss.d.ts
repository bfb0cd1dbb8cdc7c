import 'react';

declare module 'react' {
  interface CSSProperties {
    /** Custom properties that views hand to their style sheets. */
    [property: `--${string}`]: string | number | undefined;
  }
}
