import type { Desk } from './desk.ts';
import { shortcuts } from './shortcuts.ts';

/** Answers keys wherever nothing else wants them; returns how to end it. */
export function listenToKeys(desk: Desk): () => void {
  const answer = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const { dialog, singleKeys } = desk.store.getState();
    if (dialog !== undefined || wantsKeys(event.target, event)) return;
    const mod = event.metaKey || event.ctrlKey;
    // A shortcut that has nothing to do now leaves the key to the next one.
    const isAnswered = shortcuts.some(
      (one) => (singleKeys || !one.isSingle) && one.fits(event, mod) && one.run(desk) !== false,
    );
    if (isAnswered) event.preventDefault();
  };
  document.addEventListener('keydown', answer);
  return () => document.removeEventListener('keydown', answer);
}

/** Whether the focused element needs this key itself: text fields all but Mod+Enter, sliders and lists their own. */
function wantsKeys(target: EventTarget | null, event: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[role=dialog], [role=menu]')) return true;
  const isText = target.matches('input:not([type=range], [type=radio], [type=checkbox]), textarea, [contenteditable]');
  if (isText || target.matches('select')) return !((event.metaKey || event.ctrlKey) && event.key === 'Enter');
  return target.matches('input[type=range]') && ['Home', 'End'].includes(event.key);
}
