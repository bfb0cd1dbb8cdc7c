/**
 * JSON for headers that strangers wrote: like JSON.parse, but a key twice, a key that reaches into prototypes and deep
 * nesting are errors, so what is read is what is written. Objects become Maps.
 */
export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>;

const depthLimit = 32;
const refusedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const spacePattern = /[ \t\n\r]*/y;

/** @throws Error with the cause and the place, never with the text itself. */
export function parseStrictJson(text: string): Json {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class JsonReader {
  private place = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): Json {
    if (depth > depthLimit) this.fail(`nested deeper than ${depthLimit} levels`);
    this.skip(spacePattern);
    const first = this.text[this.place];
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if (first === '"') return this.string();
    for (const [word, value] of words) {
      if (this.text.startsWith(word, this.place)) {
        this.place += word.length;
        return value;
      }
    }
    const number = this.skip(numberPattern);
    return number === '' ? this.fail('not a value') : Number(number);
  }

  end(): void {
    this.skip(spacePattern);
    if (this.place < this.text.length) this.fail('text after the end');
  }

  private object(depth: number): ReadonlyMap<string, Json> {
    const entries = new Map<string, Json>();
    this.items('}', () => {
      this.skip(spacePattern);
      const key = this.string();
      if (refusedKeys.has(key)) this.fail(`key ${key} not allowed`);
      if (entries.has(key)) this.fail(`duplicate key "${key.slice(0, 80)}"`);
      this.skip(spacePattern);
      if (this.text[this.place++] !== ':') this.fail('":" missing');
      entries.set(key, this.value(depth + 1));
    });
    return entries;
  }

  private array(depth: number): readonly Json[] {
    const values: Json[] = [];
    this.items(']', () => values.push(this.value(depth + 1)));
    return values;
  }

  /** The comma-separated items up to `close`; the place is on the opening bracket. */
  private items(close: string, item: () => void): void {
    this.place++;
    this.skip(spacePattern);
    if (this.text[this.place] === close) {
      this.place++;
      return;
    }
    for (;;) {
      item();
      this.skip(spacePattern);
      const next = this.text[this.place++];
      if (next === close) return;
      if (next !== ',') this.fail(`"," or "${close}" missing`);
    }
  }

  private string(): string {
    if (this.text[this.place] !== '"') return this.fail('not a string');
    // Scanned by hand: a pattern would need a stack as long as the string.
    let end = this.place + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    try {
      const value = JSON.parse(this.text.slice(this.place, end + 1)) as string;
      this.place = end + 1;
      return value;
    } catch {
      return this.fail('bad string');
    }
  }

  /** Advance over what the sticky pattern matches here; '' when it does not. */
  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.place;
    const match = pattern.exec(this.text)?.[0] ?? '';
    this.place += match.length;
    return match;
  }

  private fail(cause: string): never {
    throw new Error(`JSON: ${cause} at character ${this.place}`);
  }
}

const words: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
