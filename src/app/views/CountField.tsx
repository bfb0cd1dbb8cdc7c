import { useDesk, useStudio } from './desk.ts';
import { Segments } from './Segments.tsx';

const counts = Array.from({ length: 9 }, (_, i) => ({ value: i + 1, text: String(i + 1) }));

/** How many pictures a press makes. */
export function CountField() {
  const { store } = useDesk();
  const count = useStudio((studio) => studio.wish.count);
  return (
    <Segments
      label="Pictures a press"
      value={count}
      options={counts}
      onChange={(value) => store.getState().change({ count: value })}
    />
  );
}
