import { createStore, type StoreApi } from 'zustand/vanilla';
import { bringingSlice, type BringingSlice } from './bringing.ts';
import { editingSlice, type EditingSlice } from './editing.ts';
import { jobSlice, type JobSlice } from './job.ts';
import { machineSlice, type MachineSlice } from './machine.ts';
import { modelsSlice, type ModelsSlice } from './models.ts';
import { pageSlice, type PageSlice } from './page.ts';
import { requestSlice, type RequestSlice } from './request.ts';
import { resultsSlice, type ResultsSlice } from './results.ts';
import { stageSlice, type StageSlice } from './stage.ts';
import { touchUpSlice, type TouchUpSlice } from './touchUp.ts';

/** The page's state: plain values only. Pixels and tokens live in the desk's reels, by id. */
export type Studio = BringingSlice &
  RequestSlice &
  JobSlice &
  MachineSlice &
  ModelsSlice &
  StageSlice &
  ResultsSlice &
  PageSlice &
  EditingSlice &
  TouchUpSlice;
export type StudioStore = StoreApi<Studio>;

export function createStudio(): StudioStore {
  return createStore<Studio>()((...of) => ({
    ...bringingSlice(...of),
    ...requestSlice(...of),
    ...jobSlice(...of),
    ...machineSlice(...of),
    ...modelsSlice(...of),
    ...stageSlice(...of),
    ...resultsSlice(...of),
    ...pageSlice(...of),
    ...editingSlice(...of),
    ...touchUpSlice(...of),
  }));
}
