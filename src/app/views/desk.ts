import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Desk } from '../commands/desk.ts';
import type { Studio } from '../store/studio.ts';

export const DeskContext = createContext<Desk | undefined>(undefined);

/** The desk that commands work with. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('a view stands outside the desk');
  return desk;
}

/** One value of the store; the view is drawn anew only when it changes. */
export function useStudio<T>(select: (studio: Studio) => T): T {
  return useStore(useDesk().store, select);
}
