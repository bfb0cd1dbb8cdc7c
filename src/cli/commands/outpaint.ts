import type { ModelManifest } from '../../core/manifest.ts';
import { MASK, type Grid } from '../../core/grid.ts';
import { directions, MAX_WINDOWS_A_SIDE, type Direction } from '../../core/panorama.ts';
import { checkSettings } from '../../core/settings.ts';
import {
  cellPixels,
  countWindows,
  outpaintSteps,
  panoramaGrid,
  type OutpaintOutcome,
  type WindowRecord,
} from '../../engine/outpaint.ts';
import { pictureOf } from '../../engine/picture.ts';
import { tensorOut, type TensorOut } from '../../formats/writeSafetensors.ts';
import { findClass } from '../classes.ts';
import { quoted, UsageError, type FlagValues } from '../flags.ts';
import type { Host } from '../host.ts';
import { fitted, readPicture, writePng } from '../pictures.ts';
import { collect, noiseOf, settingsOf, type samplingFlags } from '../sampling.ts';
import { neverStop, withSession } from '../session.ts';
import { gridTensor, stepTensors, writeTrace } from '../traces.ts';

/** What was typed for an extension; how it is sampled comes with it. */
interface OutpaintFlags extends FlagValues<typeof samplingFlags> {
  readonly model: string;
  readonly image: string;
  readonly outpaint: readonly string[];
  readonly class: string | undefined;
  readonly 'start-step': number | undefined;
  readonly out: string;
  readonly trace: string | undefined;
}

/** `unmask edit --outpaint`: extend a picture by half of the model's size, as often as was asked for. */
export async function outpaint(host: Host, manifest: ModelManifest, typed: OutpaintFlags): Promise<void> {
  const { config } = manifest;
  const way = typed.outpaint.flatMap(parseOutpaint);
  const classId = classOf(typed.class, manifest);
  const sampler = manifest.editSampler ?? manifest.sampler;
  const settings = settingsOf({ sampler }, typed, typed['start-step'] ?? 0);
  checkSettings(settings, config);
  const read = await readPicture(typed.image);
  const picture = panoramaGrid(read, config) ? read : fitted(read, config.image.size);
  const windows = countWindows(panoramaGrid(picture, config)!, config.grid, way);
  const noise = await noiseOf(typed.noise, manifest, settings, windows);
  const request = { picture, classId, directions: way, seed: typed.seed ?? 0, settings, ...(noise && { noise }) };
  await withSession(host, typed.model, async (session, progress) => {
    const { steps, outcome } = await collect(outpaintSteps(session, request, neverStop), progress);
    const { width, height } = pixelsOf(outcome.grid, cellPixels(config));
    await writePng(typed.out, pictureOf(outcome.composite, width, height));
    if (typed.trace === undefined) return;
    await writeTrace(typed.trace, [...stepTensors(steps), ...panoramaTensors(outcome, config.image.size, width)]);
  });
}

function pixelsOf({ rows, cols }: Grid, cell: number): { width: number; height: number } {
  return { width: cols * cell, height: rows * cell };
}

/** Names, shapes and types as engine.md lists them; `windows` are row, col, height and width in cells of the result. */
function panoramaTensors(
  { grid, tokens, startTokens, windows, composite }: OutpaintOutcome,
  size: number,
  width: number,
) {
  const count = windows.length;
  const joined = (pick: (window: WindowRecord) => Float32Array): Float32Array =>
    Float32Array.from(windows.flatMap((window) => [...pick(window)]));
  const boxes = windows.flatMap(({ box: { row, col, height, width: wide } }) => [row, col, height, wide]);
  const tensors: TensorOut[] = [
    gridTensor('finalTokens', grid, tokens),
    gridTensor('startTokens', grid, startTokens),
    tensorOut(
      'tokenMask',
      [grid.rows, grid.cols],
      Uint8Array.from(startTokens, (token) => (token === MASK ? 1 : 0)),
    ),
    tensorOut('windows', [count, 4], Int32Array.from(boxes)),
    tensorOut(
      'pixels',
      [count, size, size, 3],
      joined(({ pixels }) => pixels),
    ),
    tensorOut(
      'blend',
      [count, size, size],
      joined(({ blend }) => blend),
    ),
    tensorOut('composite', [composite.length / 3 / width, width, 3], composite),
  ];
  return tensors;
}

/** `right:2` is right twice; `right` alone is once. */
function parseOutpaint(typed: string): Direction[] {
  const [, to, times = '1'] = /^([a-z]+)(?::(\d{1,2}))?$/.exec(typed) ?? [];
  const direction = directions.find((each) => each === to);
  const count = Number(times);
  // No picture is smaller than one window, and a window is two halves.
  const most = 2 * (MAX_WINDOWS_A_SIDE - 1);
  if (direction === undefined || count < 1 || count > most) {
    const ways = directions.join(', ');
    throw new UsageError(
      `--outpaint must be one of ${ways} and how many halves, 1 to ${most}, like right:2; it is ${quoted(typed)}.`,
    );
  }
  return Array.from({ length: count }, () => direction);
}

/** The class that was asked for; without one, none, where the model can paint so. */
function classOf(typed: string | undefined, manifest: ModelManifest): number {
  if (typed !== undefined) return findClass(manifest, typed);
  if (manifest.config.transformer?.nullClass) return -1;
  throw new UsageError('--class is missing, give --class NAME; this model cannot paint without one.');
}
