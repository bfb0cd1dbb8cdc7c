import type { StateCreator } from 'zustand';
import type { ChoiceReason, ModelCard } from '../../core/modelCard.ts';
import type { Studio } from './studio.ts';

export interface ModelsSlice {
  /** Models that came with the page, and models that the visitor brought in. */
  readonly shipped: readonly ModelCard[];
  readonly local: readonly ModelCard[];
  /** Models that came with the page to race against: they draw token by token. */
  readonly racers: readonly ModelCard[];
  /** The model in use: the id of a shipped one, or the address of a local one. */
  readonly modelRef: string | undefined;
  /** What the visitor chose, for the next visit; undefined leaves the choice to the page. */
  readonly chosenRef: string | undefined;
  /** Why the page took the model by itself. */
  readonly choiceReason: ChoiceReason | undefined;
  offer(models: Partial<Pick<ModelsSlice, 'shipped' | 'racers' | 'local'>>): void;
  takeModel(modelRef: string, reason?: ChoiceReason): void;
  chooseModel(chosenRef: string | undefined): void;
}

export const modelsSlice: StateCreator<Studio, [], [], ModelsSlice> = (set) => ({
  shipped: [],
  racers: [],
  local: [],
  modelRef: undefined,
  chosenRef: undefined,
  choiceReason: undefined,
  offer: (models) => set(models),
  takeModel: (modelRef, choiceReason) => set({ modelRef, choiceReason }),
  chooseModel: (chosenRef) => set({ chosenRef }),
});
