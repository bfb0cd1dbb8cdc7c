import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Grid } from '../../core/grid.ts';
import type { ReelStep } from '../canvas/reel.ts';
import type { Result } from '../store/results.ts';

/** Everything of a result that must survive a reload: its recipe, its tokens step by step, and its pixels. */
export interface Kept {
  readonly result: Omit<Result, 'url'>;
  readonly grid: Grid;
  /** [positions] */
  readonly tokens: Int32Array;
  readonly steps: readonly ReelStep[];
  readonly png: Blob;
  /** The file of the larger picture that this one is a window of, as it was brought in. */
  readonly around?: Blob;
}

/** Where results are kept. Rejects with a DOMException named QuotaExceededError when the storage is full. */
export interface Shelf {
  all(): Promise<Kept[]>;
  put(kept: Kept): Promise<void>;
  remove(id: string): Promise<void>;
}

interface ShelfSchema extends DBSchema {
  results: { key: string; value: Kept & { id: string } };
}

/** A shelf in IndexedDB. Opened on first use; where the browser forbids storage every call rejects. */
export function browserShelf(name = 'unmask'): Shelf {
  let opened: Promise<IDBPDatabase<ShelfSchema>> | undefined;
  const database = (): Promise<IDBPDatabase<ShelfSchema>> =>
    (opened ??= openDB<ShelfSchema>(name, 1, {
      upgrade: (db) => void db.createObjectStore('results', { keyPath: 'id' }),
      // Another tab wants a newer version: let it have it, and open anew on next use.
      blocking: (_from, _to, event) => {
        (event.target as IDBDatabase).close();
        opened = undefined;
      },
    }));
  return {
    all: async () => (await database()).getAll('results'),
    put: async (kept) => void (await (await database()).put('results', { ...kept, id: kept.result.id })),
    remove: async (id) => (await database()).delete('results', id),
  };
}

/** A shelf that forgets: for tests, and for pages that may not store anything. */
export function memoryShelf(): Shelf {
  const rows = new Map<string, Kept>();
  return {
    all: async () => [...rows.values()],
    put: async (kept) => void rows.set(kept.result.id, kept),
    remove: async (id) => void rows.delete(id),
  };
}
