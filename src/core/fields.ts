import { Failure } from './failure.ts';

/** A JSON object of unknown make, read field by field; every refusal names the place and what is allowed there. */
export class Fields {
  private readonly source: Readonly<Record<string, unknown>>;
  /** Where the object stands, for messages: `model.json: config.grid`. */
  private readonly where: string;

  /** @throws Failure BadFile when `json` is no object or has a key that reaches into prototypes. */
  constructor(json: unknown, where: string) {
    this.where = where;
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new Failure('BadFile', `${where} must be a JSON object.`);
    }
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      if (Object.hasOwn(json, key)) throw new Failure('BadFile', `${where}: the key ${key} is not allowed.`);
    }
    this.source = json as Readonly<Record<string, unknown>>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.source, name) && this.source[name] !== null && this.source[name] !== undefined;
  }

  /** What an absent field is replaced by, so that a default goes through the same checks. */
  private value(name: string, fallback?: unknown): unknown {
    return this.has(name) ? this.source[name] : fallback;
  }

  object(name: string): Fields {
    return new Fields(this.value(name), `${this.where}.${name}`);
  }

  /** A number in [least, most]. */
  number(name: string, least: number, most: number, fallback?: number): number {
    const value = this.value(name, fallback);
    if (typeof value === 'number' && value >= least && value <= most) return value;
    return this.refuse(name, `a number from ${least} to ${most}`, value);
  }

  /** A whole number in [least, most]. */
  whole(name: string, least: number, most: number, fallback?: number): number {
    const value = this.value(name, fallback);
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    return this.refuse(name, `a whole number from ${least} to ${most}`, value);
  }

  boolean(name: string, fallback?: boolean): boolean {
    const value = this.value(name, fallback);
    return typeof value === 'boolean' ? value : this.refuse(name, 'true or false', value);
  }

  text(name: string, mostLetters: number, fallback?: string): string {
    const value = this.value(name, fallback);
    if (typeof value === 'string' && value.length <= mostLetters) return value;
    return this.refuse(name, `a text of at most ${mostLetters} letters`, value);
  }

  oneOf<T extends string>(name: string, choices: readonly T[], fallback?: T): T {
    const value = this.value(name, fallback);
    return (choices as readonly unknown[]).includes(value)
      ? (value as T)
      : this.refuse(name, `one of ${choices.join(', ')}`, value);
  }

  /** The name of a file beside model.json, never a path, a URL or a hidden file. */
  fileName(name: string): string {
    const value = this.value(name);
    if (isPlainFileName(value)) return value;
    return this.refuse(name, 'a plain file name without path, scheme or query (shard URLs are not allowed)', value);
  }

  /** The items of a list, each turned by `item`, which is told where it stands. */
  list<T>(name: string, mostItems: number, item: (value: unknown, where: string) => T): readonly T[] {
    const value = this.value(name, []);
    if (!Array.isArray(value) || value.length > mostItems) {
      return this.refuse(name, `a list of at most ${mostItems} items`, value);
    }
    return value.map((each, i) => item(each, `${this.where}.${name}[${i}]`));
  }

  /** Own keys and values, at most `most` of them. */
  entries(most: number): readonly (readonly [string, unknown])[] {
    const entries = Object.entries(this.source);
    if (entries.length > most) throw new Failure('BadFile', `${this.where} must have at most ${most} keys.`);
    return entries;
  }

  refuse(name: string, wanted: string, value: unknown): never {
    throw new Failure('BadFile', `${this.where}.${name} must be ${wanted}, it is ${brief(value)}.`);
  }
}

export function isPlainFileName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(value) && !value.includes('..');
}

/** A value as a message may show it: short, one line. */
function brief(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? `a list of ${value.length}` : 'an object';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value);
}
