import { Failure, failureName, isAbort, type FailureName } from '../core/failure.ts';
import { bench } from './commands/bench.ts';
import type { Command } from './commands/command.ts';
import { decode } from './commands/decode.ts';
import { edit } from './commands/edit.ts';
import { encode } from './commands/encode.ts';
import { generate } from './commands/generate.ts';
import { importCommand } from './commands/import.ts';
import { logits } from './commands/logits.ts';
import { models } from './commands/models.ts';
import { quoted, UsageError } from './flags.ts';
import type { Host } from './host.ts';

const commands: Readonly<Record<string, Command>> = {
  models,
  generate,
  edit,
  encode,
  decode,
  logits,
  import: importCommand,
  bench,
};

/** 0 done, 2 bad usage, 3 bad file, 4 no suitable GPU; 1 is a broken promise of our own code. */
const exitCodes: Readonly<Record<FailureName, number>> = {
  BadRequest: 2,
  BadFile: 3,
  Download: 3,
  Quota: 3,
  NoWebGpu: 4,
  InsecurePage: 4,
  NoAdapter: 4,
  DeviceRefused: 4,
  Limits: 4,
  OutOfMemory: 4,
  DeviceLost: 4,
  Internal: 1,
};

/** The `unmask` command. Gives the exit code; what went wrong is one sentence on `host.err`. */
export async function main(args: readonly string[], host: Host): Promise<number> {
  try {
    await run(args, host);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      host.err(`unmask: ${sentence(error.message)}\n`);
      return 2;
    }
    const name = failureName(error);
    const isOurs = error instanceof Failure || isAbort(error);
    // An error that nobody foresaw keeps its stack: it is for whoever mends the program.
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    host.err(isOurs ? `unmask: ${sentence((error as Error).message)}\n` : `unmask: something broke inside: ${cause}\n`);
    return exitCodes[name];
  }
}

async function run([name, ...args]: readonly string[], host: Host): Promise<void> {
  if (name === 'help' || name === '--help' || name === '-h') return host.out(help());
  const names = Object.keys(commands).join(', ');
  if (name === undefined) throw new UsageError(`Say what to do: ${names}, or --help.`);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new UsageError(`There is no command ${quoted(name)}; there are ${names}.`);
  if (args.includes('--help') || args.includes('-h')) return host.out(`unmask ${name.padEnd(8)} ${command.usage}\n`);
  await command.run(args, host);
}

function help(): string {
  const lines = Object.entries(commands).map(
    ([name, { summary, usage }]) => `  ${name.padEnd(9)} ${summary}\n          ${usage}\n`,
  );
  return `unmask: MaskGIT pictures from the command line\n\n${lines.join('\n')}`;
}

/** One line that ends in a full stop. */
function sentence(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim();
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
