/** What the command line takes from its surroundings, so that tests can stand in for a terminal. */
export interface Host {
  /** The folder that holds public/models. */
  readonly root: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether `err` is a terminal that can show progress. */
  readonly isTerminal: boolean;
}

/** A line that is written over; nothing where there is no terminal. */
export class ProgressLine {
  readonly #host: Host;
  #isShown = false;
  constructor(host: Host) {
    this.#host = host;
  }

  show(text: string): void {
    if (!this.#host.isTerminal) return;
    this.#host.err(`\r\u001b[K${text}`);
    this.#isShown = true;
  }

  clear(): void {
    if (this.#isShown) this.#host.err('\r\u001b[K');
    this.#isShown = false;
  }
}
