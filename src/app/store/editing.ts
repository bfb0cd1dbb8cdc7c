import type { StateCreator } from 'zustand';
import type { PaintBox } from '../../core/boxes.ts';
import type { TokenMask } from '../../core/mask.ts';
import { amend, current, record, redo, startHistory, undo, type History } from './history.ts';
import type { Studio } from './studio.ts';

/** What the pointer does on the stage: look and move boxes, draw boxes, paint and erase single tokens, or look at one. */
export type Tool = 'view' | 'box' | 'brush' | 'eraser' | 'token';
export type Compare = 'off' | 'held' | 'slider';
export const brushSizes = [1, 2, 3, 4] as const;
export type BrushSize = (typeof brushSizes)[number];

/** What is worked on: the picture, and what of it is painted anew. Every change of it can be undone. */
export interface Sheet {
  readonly boxes: readonly PaintBox[];
  /** Single tokens to paint beside the boxes; undefined when there are none. */
  readonly free: TokenMask | undefined;
  /** Reel of the picture that is edited; undefined for a blank canvas. */
  readonly baseId: string | undefined;
  /** Single tokens of the picture that nothing paints anew; undefined when there are none. */
  readonly pinned: TokenMask | undefined;
  /** Codes that are not drawn on this picture any more. */
  readonly banned: readonly number[];
}

export interface EditingSlice {
  readonly tool: Tool;
  readonly brushSize: BrushSize;
  readonly history: History<Sheet>;
  readonly selectedBox: number | undefined;
  /** A box being drawn, moved or resized; it takes the place of the one with its id. */
  readonly draft: PaintBox | undefined;
  /** Tokens while a stroke goes on; they take the place of the sheet's. */
  readonly stroke: TokenMask | undefined;
  /** Id of the last box that was made; ids are never used twice. */
  readonly lastBoxId: number;
  /** Results of this sheet that nobody has decided on, and which one is on show; −1 shows the picture itself. */
  readonly staged: readonly string[];
  readonly stagedAt: number;
  readonly compare: Compare;
  /** Share of the width where the original is seen, with the slider. */
  readonly split: number;
  /** Counts the pictures that came in from outside. */
  readonly arrivals: number;
  arrive(): void;
  chooseTool(tool: Tool): void;
  setBrushSize(size: BrushSize): void;
  selectBox(id: number | undefined): void;
  sketch(draft: PaintBox | undefined): void;
  scribble(stroke: TokenMask | undefined): void;
  newBoxId(): number;
  /** A change of the sheet as one step of the history; steps of the same `run` become one. */
  edit(change: Partial<Sheet>, does: string, run?: string): void;
  undoEdit(): void;
  redoEdit(): void;
  /** Another picture is worked on from now on; results of the one before stay in the filmstrip. */
  openBase(baseId: string | undefined): void;
  stageResult(id: string): void;
  showStaged(index: number): void;
  dropStaged(): void;
  /** A picture was deleted: it is no result to decide on any more. */
  forgetStaged(id: string): void;
  /** The staged result becomes the picture; what painted it is done. */
  keepStaged(): void;
  setCompare(compare: Compare): void;
  setSplit(split: number): void;
  /** A blank sheet without a past: what was drawn before belongs to another model. */
  startAnew(): void;
}

const blankSheet: Sheet = { boxes: [], free: undefined, baseId: undefined, pinned: undefined, banned: [] };

export function sheetOf({ history }: Pick<Studio, 'history'>): Sheet {
  return current(history);
}

/** The boxes as they are seen now, with the one in the making. */
export function boxesOnShow({ history, draft }: Pick<Studio, 'history' | 'draft'>): readonly PaintBox[] {
  const { boxes } = current(history);
  if (!draft) return boxes;
  return boxes.some(({ id }) => id === draft.id)
    ? boxes.map((box) => (box.id === draft.id ? draft : box))
    : [...boxes, draft];
}

export const editingSlice: StateCreator<Studio, [], [], EditingSlice> = (set, get) => ({
  tool: 'view',
  brushSize: 1,
  history: startHistory(blankSheet),
  selectedBox: undefined,
  draft: undefined,
  stroke: undefined,
  lastBoxId: 0,
  staged: [],
  stagedAt: -1,
  compare: 'off',
  split: 0.5,
  arrivals: 0,
  arrive: () => set(({ arrivals }) => ({ arrivals: arrivals + 1 })),
  chooseTool: (tool) => set({ tool, draft: undefined, stroke: undefined }),
  setBrushSize: (brushSize) => set({ brushSize }),
  selectBox: (selectedBox) => set({ selectedBox }),
  sketch: (draft) => set({ draft }),
  scribble: (stroke) => set({ stroke }),
  newBoxId: () => {
    const lastBoxId = get().lastBoxId + 1;
    set({ lastBoxId });
    return lastBoxId;
  },
  edit: (change, does, run) => set((now) => edited(now, change, does, run)),
  undoEdit: () => set((now) => returned(now, undo(now.history))),
  redoEdit: () => set((now) => returned(now, redo(now.history))),
  openBase: (baseId) => set((now) => opened(now, baseId)),
  stageResult: (id) =>
    set(({ staged }) => ({ staged: [...staged, id], stagedAt: staged.length, draft: undefined, compare: 'off' })),
  showStaged: (index) =>
    set(({ staged }) => ({ stagedAt: Math.max(-1, Math.min(staged.length - 1, index)), compare: 'off' })),
  dropStaged: () => set((now) => dropped(now, now.stagedAt)),
  forgetStaged: (id) => set((now) => dropped(now, now.staged.indexOf(id))),
  keepStaged: () => set(kept),
  setCompare: (compare) => set({ compare }),
  setSplit: (split) => set({ split: Math.max(0, Math.min(1, split)) }),
  startAnew: () =>
    set({
      history: startHistory(blankSheet),
      selectedBox: undefined,
      draft: undefined,
      stroke: undefined,
      staged: [],
      stagedAt: -1,
      compare: 'off',
    }),
});

type Editing = Pick<Studio, 'history' | 'selectedBox' | 'staged' | 'stagedAt' | 'grids'>;

function edited({ history, selectedBox, stagedAt }: Editing, change: Partial<Sheet>, does: string, run?: string) {
  const sheet = { ...current(history), ...change };
  const marked = (mask: TokenMask | undefined) => (mask?.includes(1) ? mask : undefined);
  return {
    history: record(history, { ...sheet, free: marked(sheet.free), pinned: marked(sheet.pinned) }, does, run),
    draft: undefined,
    stroke: undefined,
    // Whoever draws works on; who decides on single tokens goes on looking at the result.
    stagedAt: 'boxes' in change || 'free' in change ? -1 : stagedAt,
    compare: 'off' as const,
    selectedBox: sheet.boxes.some(({ id }) => id === selectedBox) ? selectedBox : undefined,
  };
}

/** After undo or redo: what belonged to another picture or to a box that is gone no longer shows. */
function returned({ history: before, staged, selectedBox }: Editing, history: History<Sheet>) {
  const isSame = current(history).baseId === current(before).baseId;
  const isThere = current(history).boxes.some(({ id }) => id === selectedBox);
  return {
    history,
    draft: undefined,
    stroke: undefined,
    staged: isSame ? staged : [],
    stagedAt: -1,
    compare: 'off' as const,
    selectedBox: isThere ? selectedBox : undefined,
  };
}

function opened({ history, stagedAt, grids }: Editing, baseId: string | undefined): Partial<EditingSlice> {
  const sheet = current(history);
  if (sheet.baseId === baseId) return stagedAt < 0 ? {} : { stagedAt: -1, compare: 'off' };
  // While nothing is drawn, walking through pictures is no work that could be undone.
  const isIdle = sheet.boxes.length === 0 && !sheet.free && history.at === 0;
  // Boxes and marks go along to a picture of the same size; on another one they would lie elsewhere.
  const drawn = isSameGrid(grids, sheet.baseId, baseId) ? {} : { boxes: [], free: undefined };
  const next: Sheet = { ...sheet, ...drawn, baseId, pinned: undefined, banned: [] };
  return {
    history: isIdle ? amend(history, next) : record(history, next, 'opening a picture', 'open'),
    staged: [],
    stagedAt: -1,
    compare: 'off',
  };
}

function dropped({ staged, stagedAt }: Editing, index: number): Partial<EditingSlice> {
  if (index < 0) return {};
  const left = staged.toSpliced(index, 1);
  const at = index < stagedAt ? stagedAt - 1 : stagedAt;
  return { staged: left, stagedAt: Math.min(at, left.length - 1), compare: 'off' };
}

function kept({ history, staged, stagedAt, grids }: Editing): Partial<EditingSlice> {
  const baseId = staged[stagedAt];
  if (baseId === undefined) return {};
  const before = current(history);
  // Pins are positions: on a picture that was extended they would lie elsewhere.
  const pinned = isSameGrid(grids, before.baseId, baseId) ? before.pinned : undefined;
  return {
    history: record(history, { ...before, boxes: [], free: undefined, baseId, pinned }, 'keeping a result'),
    staged: [],
    stagedAt: -1,
    selectedBox: undefined,
    compare: 'off',
  };
}

function isSameGrid(grids: Studio['grids'], before: string | undefined, after: string | undefined): boolean {
  const [old, now] = [grids[before ?? ''], grids[after ?? '']];
  return old?.rows === now?.rows && old?.cols === now?.cols;
}
