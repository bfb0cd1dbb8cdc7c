import { useSyncExternalStore } from 'react';

const query = '(max-width: 759px)';

/** Whether the phone's layout holds; the width is the one in index.html. */
export function useIsPhone(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener('change', changed);
      return () => media.removeEventListener('change', changed);
    },
    () => matchMedia(query).matches,
  );
}
