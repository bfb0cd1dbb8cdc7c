import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { History } from '../store/history.ts';
import type { Sheet } from '../store/editing.ts';

/** What somebody works on, with its past, as it must survive a reload. */
export interface KeptSheet {
  readonly version: 1;
  readonly history: History<Sheet>;
  readonly staged: readonly string[];
  readonly stagedAt: number;
  readonly lastBoxId: number;
}

/** Where the sheet of each model is kept. Rejects where the browser forbids storage. */
export interface SheetShelf {
  read(modelId: string): Promise<KeptSheet | undefined>;
  write(modelId: string, sheet: KeptSheet): Promise<void>;
}

interface SheetSchema extends DBSchema {
  sheets: { key: string; value: KeptSheet };
}

/** Sheets in a small database of their own, so that a full shelf of pictures does not touch them. */
export function browserSheets(name = 'unmask-sheets'): SheetShelf {
  let opened: Promise<IDBPDatabase<SheetSchema>> | undefined;
  const database = (): Promise<IDBPDatabase<SheetSchema>> =>
    (opened ??= openDB<SheetSchema>(name, 1, { upgrade: (db) => void db.createObjectStore('sheets') }));
  return {
    read: async (modelId) => (await database()).get('sheets', modelId),
    write: async (modelId, sheet) => void (await (await database()).put('sheets', sheet, modelId)),
  };
}
