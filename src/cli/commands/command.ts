import type { Host } from '../host.ts';

/** One of the things `unmask` can do. */
export interface Command {
  /** One line for the help. */
  readonly summary: string;
  /** The flags, as the help shows them. */
  readonly usage: string;
  /** @throws UsageError, Failure */
  run(args: readonly string[], host: Host): Promise<void>;
}
