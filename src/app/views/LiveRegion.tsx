import { useStudio } from './desk.ts';

/** What a screen reader is told: politely, one sentence at a time. */
export function LiveRegion() {
  const { text, count } = useStudio((studio) => studio.announcement);
  return (
    <output className="unseen" aria-live="polite">
      {/* A new key makes an equal sentence a new node, which is said again. */}
      <span key={count}>{text}</span>
    </output>
  );
}
