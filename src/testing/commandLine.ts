import { join } from 'node:path';
import { main } from '../cli/main.ts';

const project = new URL('../../', import.meta.url).pathname;
const checkpoints = join(project, 'golden', 'official-a', 'checkpoints');

/** What a command ended with and said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Run `unmask` as a shell without a terminal would. @param root the folder that holds public/models */
export async function unmask(args: readonly string[], root = project): Promise<Said> {
  const said = { out: '', err: '' };
  const code = await main(args, {
    root,
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    isTerminal: false,
  });
  return { code, ...said };
}

/** A command with its flags, as somebody types them. */
export function argsOf(command: string, flags: Readonly<Record<string, string | number>>): string[] {
  return [command, ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)])];
}

/** Import the official toy networks into a model folder. */
export async function importToy(out: string, ...more: string[]): Promise<Said> {
  const tokenizer = join(checkpoints, 'tokenizer_imagenet96_checkpoint');
  const transformer = join(checkpoints, 'maskgit_imagenet96_checkpoint');
  return unmask(['import', '--tokenizer', tokenizer, '--transformer', transformer, '--out', out, ...more]);
}
