import { masksInTurn, paintPlan, weakestPositions, type PaintBox, type PaintPlan } from '../../core/boxes.ts';
import { closeUpOf, islandsOf, maskFromNear, type CloseUp } from '../../core/closeUp.ts';
import { blankTokens, type Grid } from '../../core/grid.ts';
import { boxMask, maskTokens, type Box, type TokenMask } from '../../core/mask.ts';
import { takeWindow } from '../../core/panorama.ts';
import { ringBlend, softBlend } from '../../core/paste.ts';
import { editSettings } from '../../core/settings.ts';
import type { SamplerSettings } from '../../core/request.ts';
import { sheetOf, type Sheet } from '../store/editing.ts';
import { modelGrid } from '../store/grids.ts';
import { baseOf, onShow, surenessOf, type Base } from './base.ts';
import { gridOf } from './boxes.ts';
import { className, type Desk } from './desk.ts';
import { partsOf, pastedParts, type PaintPart, type PaintRun } from './paintRun.ts';

/** Cells that are painted anew around boxes on a photograph, as in the reference; the model's own pictures need none. */
export const IMPORT_HALO_CELLS = 1;

/** Whether Generate paints a part of the picture now, and not a new one. */
export function isEditing({ boxes, free }: Sheet): boolean {
  return boxes.length > 0 || free !== undefined;
}

/** The run that boxes and marks ask for; undefined when there are none. */
export async function editRun(desk: Desk): Promise<PaintRun | undefined> {
  const sheet = sheetOf(desk.store.getState());
  if (!isEditing(sheet)) return undefined;
  const base = await baseOf(desk);
  return base ? editOf(desk, sheet, base) : layoutOf(desk, sheet);
}

/** One box alone, on the picture that is seen: all of its cells, or the `share` of them that the model was least sure of. */
export async function boxRun(desk: Desk, boxId: number, share = 1): Promise<PaintRun | undefined> {
  const { history } = desk.store.getState();
  const sheet = sheetOf({ history });
  const boxes = sheet.boxes.filter(({ id }) => id === boxId);
  const base = await baseOf(desk, onShow(desk.store.getState()));
  if (!base || boxes.length === 0) return undefined;
  const alone = { ...sheet, boxes, free: undefined };
  if (share === 1) return editOf(desk, alone, base);
  const { mask } = planOnShow(alone, base.grid, false);
  const inside = [...mask.keys()].filter((p) => mask[p] === 1);
  const sure = await surenessOf(desk, base.id);
  const weakest = weakestPositions(
    inside.map((p) => sure[p] ?? 1),
    Math.max(share, 1 / inside.length),
  );
  const strong = new Set(inside.filter((_, i) => weakest[i] !== 1));
  const pinned = mask.map((_, p) => (strong.has(p) || sheet.pinned?.[p] === 1 ? 1 : 0));
  return editOf(desk, { ...alone, pinned }, base);
}

/**
 * Boxes on a picture: the rest of its tokens are known and stay. A panorama is painted in windows around them, and boxes of
 * different classes one class after the other, marks with the picture's own: decoded together they hit their classes far
 * less often (decision 37).
 */
export function editOf(desk: Desk, sheet: Sheet, base: Base): PaintRun {
  const { manifest } = desk.store.getState();
  const { boxes, free, pinned } = sheet;
  const { grid } = base;
  const plan = paintPlan(boxes, free, grid, haloOf(base.isImported), pinned);
  const { mask } = plan;
  const tokens = maskTokens(base.tokens, mask);
  const parts = editParts(desk, sheet, base, { ...plan, tokens });
  const window = modelGrid(desk.store.getState());
  const size = manifest?.config.image.size ?? base.picture.width;
  const before = desk.toPixels(base.picture);
  const cell = size / window.cols;
  const times = base.picture.width / (grid.cols * cell);
  const scale = { cell, times, isPixelArt: manifest?.config.image.pixelArt ?? true };
  return {
    grid,
    tokens,
    before: base.tokens,
    parts,
    origin: { kind: 'edit', baseId: base.id, boxes, mask, ofImport: base.isImported },
    classId: base.classId,
    name: nameOf(desk, base.name, boxes),
    under: { picture: base.picture, open: mask },
    finish: (made) =>
      pastedParts(before, parts, made, scale, (part) =>
        base.isImported ? softBlend(part, window, size) : ringBlend(part, window, size),
      ),
  };
}

/** What an edit paints: in each window one class after the other, and from near what becomes a small thing of its own. */
function editParts(
  desk: Desk,
  { boxes, banned }: Sheet,
  base: Base,
  plan: PaintPlan & { tokens: Int32Array },
): PaintPart[] {
  const { wish, manifest } = desk.store.getState();
  const { grid, isImported } = base;
  // A photograph shows no class of the model's: where the model can, it paints without one.
  const noClass = manifest?.config.transformer?.nullClass ? -1 : wish.classId;
  const own = isImported ? noClass : base.classId;
  const settings = manifest ? editSettings(wish.settings, manifest) : wish.settings;
  const window = modelGrid(desk.store.getState());
  const classes = [...boxes.map(({ classId }) => classId ?? own), own];
  const painted = plan.classOfPosition.map((classId) => (classId === -1 ? own : classId));
  const viewOf = viewsOf(desk, things(boxes, own, grid, haloOf(isImported)), grid);
  return partsOf(
    desk,
    plan.tokens,
    grid,
    (box, mask) => {
      const classId = takeWindow(painted, grid, box)[mask.indexOf(1)]!;
      const { closeUp, request } = partAs({ classId, settings, isImported }, mask, window, viewOf(box, mask));
      return { closeUp, request: { ...request, ...(banned.length > 0 && { bannedCodes: banned }) } };
    },
    (box, left) =>
      masksInTurn(left, takeWindow(painted, grid, box), classes).flatMap((mask) =>
        apart(mask, window, (island) => viewOf(box, island) !== undefined),
      ),
  );
}

/** [positions] of each box that becomes a thing of its own: what has the picture's class goes on with what the picture shows. */
function things(boxes: readonly PaintBox[], own: number, grid: Grid, halo: number): TokenMask[] {
  return boxes.filter(({ classId }) => classId !== undefined && classId !== own).map((box) => boxMask(box, grid, halo));
}

/** The close-up in which what a window paints of these things is painted; undefined for what is painted as it is. */
function viewsOf({ store }: Desk, all: readonly TokenMask[], grid: Grid) {
  const { wish, manifest, history } = store.getState();
  const window = modelGrid(store.getState());
  // A banned code could come back from near.
  const rule = wish.closeUp && sheetOf({ history }).banned.length === 0 ? manifest?.closeUp : undefined;
  return (box: Box, mask: TokenMask): CloseUp | undefined =>
    rule && all.some((thing) => isAllOf(thing, mask, grid, box)) ? closeUpOf(mask, window, rule) : undefined;
}

/** Whether what is painted in a window is all of a thing: not cut by the window, a pin or another box, and nothing else. */
function isAllOf(thing: TokenMask, mask: TokenMask, grid: Grid, window: Box): boolean {
  const cells = (of: TokenMask): number => of.reduce((sum, cell) => sum + cell, 0);
  const seen = takeWindow(thing, grid, window);
  return cells(seen) === cells(thing) && seen.every((cell, p) => cell === mask[p]);
}

/** A mask in parts: each island that is to be painted alone, after the rest of it together. */
function apart(mask: TokenMask, grid: Grid, isAlone: (island: TokenMask) => boolean): TokenMask[] {
  const alone = islandsOf(mask, grid).filter(isAlone);
  const rest = mask.map((paint, p) => (alone.some((island) => island[p] === 1) ? 0 : paint));
  return [...(rest.includes(1) ? [rest] : []), ...alone];
}

/**
 * Boxes on a blank canvas: a layout. The whole canvas is painted as the chosen class, and then the boxes over it, as on any
 * picture: in one run with the canvas a box hits its class less than half as often (decision 38).
 */
function layoutOf(desk: Desk, { boxes }: Sheet): PaintRun {
  const { wish, manifest } = desk.store.getState();
  const grid = gridOf(desk);
  const tokens = blankTokens(grid);
  const own = wish.classId;
  const canvas = partsOf(desk, tokens, grid, (_, mask) => ({
    request: { classId: own, settings: settingsFor(wish.settings, mask, false) },
  }));
  const different = boxes.filter(({ classId }) => classId !== undefined);
  const { mask, classOfPosition } = paintPlan(different, undefined, grid);
  const settings = manifest ? editSettings(wish.settings, manifest) : wish.settings;
  const classes = different.map(({ classId }) => classId!);
  const { box } = canvas[0]!;
  const viewOf = viewsOf(desk, things(different, own, grid, 0), grid);
  const over = masksInTurn(mask, classOfPosition, classes)
    .flatMap((part) => apart(part, grid, (island) => viewOf(box, island) !== undefined))
    .map((part) => {
      const classId = classOfPosition[part.indexOf(1)]!;
      return { box, mask: part, ...partAs({ classId, settings, isImported: false }, part, grid, viewOf(box, part)) };
    });
  return {
    grid,
    tokens,
    parts: [...canvas, ...over],
    origin: { kind: 'edit', baseId: undefined, boxes, mask: new Uint8Array(tokens.length).fill(1), ofImport: false },
    classId: own,
    name: nameOf(desk, className(desk, own), boxes),
    under: undefined,
    finish: (made) => made.at(-1)!,
  };
}

/** What a part asks for that is painted as one class. */
function partAs(
  { classId, settings, isImported }: { classId: number; settings: SamplerSettings; isImported: boolean },
  mask: TokenMask,
  window: Grid,
  closeUp: CloseUp | undefined,
): Pick<PaintPart, 'request' | 'closeUp'> {
  const open = closeUp ? maskFromNear(mask, window, closeUp) : mask;
  return { closeUp, request: { classId, settings: settingsFor(settings, open, isImported) } };
}

/** No more steps than there are cells to paint; photographs begin a sixth later, as the reference does (2 of 12). */
export function settingsFor(settings: SamplerSettings, mask: TokenMask, isImported: boolean): SamplerSettings {
  const cells = mask.reduce((sum, paint) => sum + paint, 0);
  const steps = Math.max(1, Math.min(settings.steps, cells));
  const startStep = isImported ? Math.min(steps - 1, Math.round(steps / 6)) : 0;
  return { ...settings, steps, startStep };
}

/** "fox with cat and dog". */
export function nameOf(desk: Desk, base: string, boxes: readonly Pick<PaintBox, 'classId'>[]): string {
  const [picture = base, ...before] = base.split(' with ');
  const known = before.flatMap((list) => list.split(' and '));
  const added = boxes.flatMap(({ classId }) => (classId === undefined ? [] : [className(desk, classId)]));
  const names = [...new Set([...known, ...added])].filter((name) => name !== picture && name !== '');
  return names.length > 0 ? `${picture} with ${names.slice(-3).join(' and ')}` : picture;
}

/** The cells that a press of Generate would paint now, and the class of each; for showing. */
export function planOnShow(
  { boxes, free, pinned }: Pick<Sheet, 'boxes' | 'free' | 'pinned'>,
  grid: Grid,
  isImported: boolean,
) {
  return paintPlan(boxes, free, grid, haloOf(isImported), pinned);
}

function haloOf(isImported: boolean): number {
  return isImported ? IMPORT_HALO_CELLS : 0;
}
