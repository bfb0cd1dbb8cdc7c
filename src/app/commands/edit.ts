import { paintPlan } from '../../core/boxes.ts';
import type { Picture } from '../../core/engine.ts';
import type { Grid } from '../../core/grid.ts';
import { maskTokens, type TokenMask } from '../../core/mask.ts';
import { pasteOver, ringBlend, softBlend } from '../../core/paste.ts';
import { editSettings } from '../../core/settings.ts';
import type { GenerateRequest, SamplerSettings } from '../../core/request.ts';
import type { Reel } from '../canvas/reel.ts';
import { sheetOf, type Sheet } from '../store/editing.ts';
import type { EditOrigin } from '../store/origin.ts';
import { baseOf, type Base } from './base.ts';
import { gridOf } from './boxes.ts';
import { className, type Desk } from './desk.ts';

/** Cells that are painted anew around boxes on a photograph, as in the reference; the model's own pictures need none. */
export const IMPORT_HALO_CELLS = 1;

/** A run that paints a part of a picture: what to ask the engine for, and what to do with its answer. */
export interface EditRun {
  readonly request: Omit<GenerateRequest, 'seed'>;
  readonly origin: EditOrigin;
  /** Class of the picture as a whole. */
  readonly classId: number;
  /** What the picture is called from now on: "fox with cat". */
  readonly name: string;
  /** The picture under the cells that are being painted; a blank canvas has none. */
  readonly under: Reel['under'];
  /** The engine's picture with every untouched pixel put back. */
  finish(made: Picture): Picture;
}

/** Whether Generate paints a part of the picture now, and not a new one. */
export function isEditing({ boxes, free }: Sheet): boolean {
  return boxes.length > 0 || free !== undefined;
}

/** The run that boxes and marks ask for; undefined when there are none. */
export async function editRun(desk: Desk): Promise<EditRun | undefined> {
  const sheet = sheetOf(desk.store.getState());
  if (!isEditing(sheet)) return undefined;
  const base = await baseOf(desk);
  return base ? editOf(desk, sheet, base) : layoutOf(desk, sheet);
}

/** Boxes on a picture: the rest of its tokens are known and stay. */
function editOf(desk: Desk, { boxes, free }: Sheet, base: Base): EditRun {
  const { wish, manifest } = desk.store.getState();
  const grid = gridOf(desk);
  const size = manifest?.config.image.size ?? base.picture.width;
  const { mask, classOfPosition } = paintPlan(boxes, free, grid, base.isImported ? IMPORT_HALO_CELLS : 0);
  // A photograph shows no class of the model's: where the model can, it paints without one.
  const noClass = manifest?.config.transformer?.nullClass ? -1 : wish.classId;
  const request = {
    ...classesOf(mask, classOfPosition, base.isImported ? noClass : base.classId),
    settings: settingsFor(manifest ? editSettings(wish.settings, manifest) : wish.settings, mask, base.isImported),
    tokens: maskTokens(base.tokens, mask),
  };
  const before = desk.toPixels(base.picture);
  const blend = base.isImported ? softBlend(mask, grid, size) : ringBlend(mask, grid, size);
  return {
    request,
    origin: { kind: 'edit', baseId: base.id, boxes, mask, ofImport: base.isImported },
    classId: base.classId,
    name: nameOf(desk, base.name, boxes),
    under: { picture: base.picture, open: mask },
    finish: (made) => pasteOver(before, made, blend),
  };
}

/** Boxes on a blank canvas: a layout. Everything is painted, each box as its class. */
function layoutOf(desk: Desk, { boxes, free }: Sheet): EditRun {
  const { wish } = desk.store.getState();
  const plan = paintPlan(boxes, free, gridOf(desk));
  const mask = plan.mask.map(() => 1);
  const settings = settingsFor(wish.settings, mask, false);
  return {
    request: { ...classesOf(mask, plan.classOfPosition, wish.classId), settings },
    origin: { kind: 'edit', baseId: undefined, boxes, mask, ofImport: false },
    classId: wish.classId,
    name: nameOf(desk, className(desk, wish.classId), boxes),
    under: undefined,
    finish: (made) => made,
  };
}

/** One class for the whole run where that is enough: every further class costs another pass of the network. */
function classesOf(
  mask: TokenMask,
  classOfPosition: Int32Array<ArrayBuffer>,
  own: number,
): Pick<GenerateRequest, 'classId' | 'classOfPosition'> {
  const painted = classOfPosition.map((classId) => (classId === -1 ? own : classId));
  const first = mask.indexOf(1);
  const classId = painted[first] ?? own;
  const rest = painted.map((one, p) => (mask[p] === 1 ? one : classId));
  return rest.every((one) => one === classId) ? { classId } : { classId, classOfPosition: rest };
}

/** No more steps than there are cells to paint; photographs begin a sixth later, as the reference does (2 of 12). */
function settingsFor(settings: SamplerSettings, mask: TokenMask, isImported: boolean): SamplerSettings {
  const cells = mask.reduce((sum, paint) => sum + paint, 0);
  const steps = Math.max(1, Math.min(settings.steps, cells));
  const startStep = isImported ? Math.min(steps - 1, Math.round(steps / 6)) : 0;
  return { ...settings, steps, startStep };
}

/** "fox with cat and dog". */
function nameOf(desk: Desk, base: string, boxes: Sheet['boxes']): string {
  const [picture = base, ...before] = base.split(' with ');
  const known = before.flatMap((list) => list.split(' and '));
  const added = boxes.flatMap(({ classId }) => (classId === undefined ? [] : [className(desk, classId)]));
  const names = [...new Set([...known, ...added])].filter((name) => name !== picture && name !== '');
  return names.length > 0 ? `${picture} with ${names.slice(-3).join(' and ')}` : picture;
}

/** The cells that a press of Generate would paint now, and the class of each; for showing. */
export function planOnShow(sheet: Pick<Sheet, 'boxes' | 'free'>, grid: Grid, isImported: boolean) {
  return paintPlan(sheet.boxes, sheet.free, grid, isImported ? IMPORT_HALO_CELLS : 0);
}
