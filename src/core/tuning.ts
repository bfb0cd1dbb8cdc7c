/** How one product of the loaded model is computed on this adapter. */
export interface ProductChoice {
  /** Kind, rows × terms × columns and type of the weights, and in how many calls a step or a decode has it. */
  readonly product: string;
  readonly calls: number;
  /** The variant from the next load on, and the one that is taken where nothing was measured. */
  readonly variant: string;
  readonly usual: string;
  /** ms of every variant that fits; absent where nothing was measured. */
  readonly ms?: Readonly<Record<string, number>>;
}

/** What decides on a model's products: nothing is measured on software adapters, whose rule is known (decision 12). */
export interface TuningReport {
  readonly isSoftware: boolean;
  readonly products: readonly ProductChoice[];
}

/** Tell; measure what the model has and was never measured; measure all of it again; or forget what was measured. */
export type TuningOrder = 'look' | 'complete' | 'anew' | 'forget';
