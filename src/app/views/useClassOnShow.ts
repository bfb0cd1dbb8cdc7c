import { boxesOnShow, sheetOf } from '../store/editing.ts';
import type { Studio } from '../store/studio.ts';
import { useStudio } from './desk.ts';

/** The class that the chooser shows and changes: the selected box's, else the whole picture's. */
export function useClassOnShow(): { readonly classId: number; readonly box: number | undefined } {
  const classId = useStudio(classOf);
  const box = useStudio(numberOf);
  return { classId, box };
}

/** Words for where the chosen class will be painted. */
export function usePlaceWords(): string {
  const box = useStudio(numberOf);
  const isLayout = useStudio((studio) => sheetOf(studio).baseId === undefined && sheetOf(studio).boxes.length > 0);
  if (box !== undefined) return `Paint in box ${box}`;
  return isLayout ? 'Paint around the boxes' : 'Paint';
}

function classOf(studio: Studio): number {
  const box = boxesOnShow(studio).find(({ id }) => id === studio.selectedBox);
  return box?.classId ?? studio.wish.classId;
}

function numberOf({ history, selectedBox }: Studio): number | undefined {
  const index = sheetOf({ history }).boxes.findIndex(({ id }) => id === selectedBox);
  return index < 0 ? undefined : index + 1;
}
