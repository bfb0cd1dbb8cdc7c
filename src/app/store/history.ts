/** One version of what is worked on. Versions are never taken away: working on after Undo begins a second branch. */
export interface Version<T> {
  readonly value: T;
  /** What made it, for "Undo …": 'move box 2'. */
  readonly does: string;
  /** Index of the version it came from; the first version has none. */
  readonly from?: number;
  /** Index of the version that Redo leads to: the one made or left last. */
  readonly next?: number;
}

export interface History<T> {
  readonly versions: readonly Version<T>[];
  /** Index of the version that holds now. */
  readonly at: number;
  /** While it stays the same, steps run together into one version: five arrow keys are one Undo. */
  readonly run?: string;
}

export function startHistory<T>(value: T): History<T> {
  return { versions: [{ value, does: '' }], at: 0 };
}

export function current<T>({ versions, at }: History<T>): T {
  return versions[at]!.value;
}

/** A new version after the one that holds; with the same `run` as the step before, that one is changed instead. */
export function record<T>(history: History<T>, value: T, does: string, run?: string): History<T> {
  const { versions, at } = history;
  const now = versions[at]!;
  if (run !== undefined && run === history.run && now.from !== undefined && now.next === undefined) {
    return { ...history, versions: versions.with(at, { ...now, value, does }) };
  }
  const added = versions.length;
  return {
    versions: [...versions.with(at, { ...now, next: added }), { value, does, from: at }],
    at: added,
    ...(run === undefined ? {} : { run }),
  };
}

/** The version that holds, changed in place: for what is no step of its own. */
export function amend<T>({ versions, at }: History<T>, value: T): History<T> {
  return { versions: versions.with(at, { ...versions[at]!, value }), at };
}

/** Back to where the version came from; at the first one nothing changes. */
export function undo<T>({ versions, at }: History<T>): History<T> {
  const { from } = versions[at]!;
  if (from === undefined) return { versions, at };
  return { versions: versions.with(from, { ...versions[from]!, next: at }), at: from };
}

/** On to the version that was left or made last; where there is none nothing changes. */
export function redo<T>({ versions, at }: History<T>): History<T> {
  return { versions, at: versions[at]!.next ?? at };
}

/** What Undo and Redo would do, in words; undefined when there is nothing to do. */
export function undoWords<T>({ versions, at }: History<T>): string | undefined {
  return versions[at]!.from === undefined ? undefined : versions[at]!.does;
}
export function redoWords<T>({ versions, at }: History<T>): string | undefined {
  const { next } = versions[at]!;
  return next === undefined ? undefined : versions[next]!.does;
}
