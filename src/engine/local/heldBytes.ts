/** What is told when a buffer has been collected; tests collect by hand. */
export type Collector = (collected: (sizeBytes: number) => void) => {
  register(buffer: object, sizeBytes: number): void;
};

/**
 * The most bytes of buffers that were in memory at once. Browsers tell a worker nothing about its memory, so each buffer
 * is noted when it is made and let go when the garbage collector reports it: what is dead and not yet collected counts,
 * because it takes room.
 */
export class HeldBytes {
  readonly #known = new WeakSet<object>();
  readonly #registry: ReturnType<Collector>;
  #heldBytes = 0;
  #peakBytes = 0;

  constructor(collector: Collector = (collected) => new FinalizationRegistry(collected)) {
    this.#registry = collector((sizeBytes) => void (this.#heldBytes -= sizeBytes));
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** Note the buffer behind a view, once. */
  note<V extends ArrayBufferView>(view: V): V {
    const { buffer } = view;
    if (this.#known.has(buffer)) return view;
    this.#known.add(buffer);
    this.#registry.register(buffer, buffer.byteLength);
    this.#heldBytes += buffer.byteLength;
    this.#peakBytes = Math.max(this.#peakBytes, this.#heldBytes);
    return view;
  }
}
