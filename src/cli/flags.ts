/** Somebody typed a command that does not exist or does not fit: exit code 2. `message` is one sentence. */
export class UsageError extends Error {}

/** How a flag's values, in the order typed, become what the command works with. */
export interface Flag<T> {
  /** May be given more than once. */
  readonly repeats: boolean;
  /** What stands for the value in the usage line. */
  readonly value: string;
  /** @throws UsageError naming the flag and what is allowed */
  parse(values: readonly string[], flag: string): T;
}
type Flags = Readonly<Record<string, Flag<unknown>>>;
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

/** Reads one value. */
interface Reader<T> {
  readonly value: string;
  read(text: string, flag: string): T;
}

export function required<T>({ value, read }: Reader<T>): Flag<T> {
  return {
    repeats: false,
    value,
    parse([text], flag) {
      if (text === undefined) throw new UsageError(`--${flag} is missing, give --${flag} ${value}.`);
      return read(text, flag);
    },
  };
}

export function optional<T>({ value, read }: Reader<T>): Flag<T | undefined> {
  return { repeats: false, value, parse: ([text], flag) => (text === undefined ? undefined : read(text, flag)) };
}

/** A flag that may be given as often as one likes, or not at all. */
export function any<T>({ value, read }: Reader<T>): Flag<readonly T[]> {
  return { repeats: true, value, parse: (values, flag) => values.map((text) => read(text, flag)) };
}

export const path: Reader<string> = {
  value: 'FILE',
  read(text, flag) {
    if (text !== '' && !text.includes('\0')) return text;
    throw new UsageError(`--${flag} must name a file.`);
  },
};

/** Where a PNG is to go. A name that promises another kind of picture is refused; any other is taken as it is. */
export const png: Reader<string> = {
  value: 'FILE.png',
  read(typed, flag) {
    const ending = /\.(jpe?g|webp|gif|bmp|tiff?|avif|heic)$/i.exec(typed);
    if (ending === null) return path.read(typed, flag);
    throw new UsageError(`--${flag} writes a PNG, its name must not end in ${ending[0]}.`);
  },
};

export const text: Reader<string> = { value: 'NAME', read: (value) => value };

export function whole(least: number, most: number): Reader<number> {
  return {
    value: 'N',
    read(typed, flag) {
      const value = Number(typed);
      if (/^[+-]?\d+$/.test(typed) && value >= least && value <= most) return value;
      throw new UsageError(`--${flag} must be a whole number from ${least} to ${most}, it is ${quoted(typed)}.`);
    },
  };
}

export function number(least: number, most: number): Reader<number> {
  return {
    value: 'X',
    read(typed, flag) {
      const value = Number(typed);
      if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(typed) && value >= least && value <= most) return value;
      throw new UsageError(`--${flag} must be a number from ${least} to ${most}, it is ${quoted(typed)}.`);
    },
  };
}

export function choice<const T extends string>(choices: readonly T[]): Reader<T> {
  return {
    value: choices.join('|'),
    read(typed, flag) {
      const found = choices.find((each) => each === typed);
      if (found !== undefined) return found;
      throw new UsageError(`--${flag} must be one of ${choices.join(', ')}, it is ${quoted(typed)}.`);
    },
  };
}

/**
 * Read `--flag value` and `--flag=value` pairs strictly: every flag must be known, have a value, and come once unless
 * it repeats.
 * @throws UsageError
 */
export function parseFlags<F extends Flags>(args: readonly string[], flags: F, command: string): FlagValues<F> {
  const typed = new Map<string, string[]>();
  for (let i = 0; i < args.length; i++) {
    const [flag, inline] = split(args[i]!, command);
    const known = Object.hasOwn(flags, flag) ? flags[flag] : undefined;
    if (known === undefined) {
      const allowed = Object.keys(flags).map((name) => `--${name}`);
      throw new UsageError(`unmask ${command} has no flag ${quoted(`--${flag}`)}, it takes ${allowed.join(', ')}.`);
    }
    const next = inline ?? args[i + 1];
    if (next === undefined || (inline === undefined && next.startsWith('--'))) {
      throw new UsageError(`--${flag} needs a value, ${known.value}.`);
    }
    if (inline === undefined) i++;
    const values = typed.get(flag) ?? [];
    if (values.length > 0 && !known.repeats) throw new UsageError(`--${flag} is given twice.`);
    typed.set(flag, [...values, next]);
  }
  const parsed = Object.entries(flags).map(([name, flag]) => [name, flag.parse(typed.get(name) ?? [], name)]);
  return Object.fromEntries(parsed) as FlagValues<F>;
}

function split(arg: string, command: string): [flag: string, inline: string | undefined] {
  if (!arg.startsWith('--'))
    throw new UsageError(`unmask ${command} does not understand ${quoted(arg)}, flags begin with --.`);
  const equals = arg.indexOf('=');
  return equals < 0 ? [arg.slice(2), undefined] : [arg.slice(2, equals), arg.slice(equals + 1)];
}

/** What somebody typed, as a message may repeat it: short, on one line. */
export function quoted(typed: string): string {
  return JSON.stringify(typed.length > 60 ? `${typed.slice(0, 60)}…` : typed);
}
