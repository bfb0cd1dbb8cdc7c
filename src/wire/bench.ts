/** What the page of `?bench` asks its worker for: the address of a model.json, and the commit that results name. */
export interface BenchOrder {
  readonly modelUrl: string;
  readonly commit: string;
}

/** What the page hears: what is being done, then the result or the reason why there is none. */
export type BenchNews =
  | { readonly kind: 'doing'; readonly what: string }
  | { readonly kind: 'done'; readonly table: string; readonly json: string }
  | { readonly kind: 'failed'; readonly message: string };
