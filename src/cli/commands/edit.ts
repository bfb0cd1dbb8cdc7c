import { MAX_BOXES, type PaintBox } from '../../core/boxes.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { boxMask } from '../../core/mask.ts';
import { editSteps } from '../../engine/edit.ts';
import { pictureOf } from '../../engine/picture.ts';
import { findClass } from '../classes.ts';
import { checkWritable } from '../files.ts';
import {
  any,
  optional,
  parseFlags,
  path,
  png,
  quoted,
  required,
  text,
  UsageError,
  whole,
  type FlagValues,
} from '../flags.ts';
import { fitted, readPicture, writePng } from '../pictures.ts';
import { collect, needPainter, noiseOf, samplingFlags, settingsOf } from '../sampling.ts';
import { neverStop, readManifest, withSession } from '../session.ts';
import { gridTensor, imageTensor, stepTensors, writeTrace } from '../traces.ts';
import { tensorOut } from '../../formats/writeSafetensors.ts';
import { checkSettings } from '../../core/settings.ts';
import type { Host } from '../host.ts';
import type { Command } from './command.ts';
import { outpaint } from './outpaint.ts';

const flags = {
  model: required(text),
  image: required(path),
  box: any(text),
  outpaint: any(text),
  class: optional(text),
  'start-step': optional(whole(0, 16_383)),
  halo: optional(whole(0, 128)),
  ...samplingFlags,
  out: required(png),
  trace: optional(path),
};

/** The reference edits in 12 steps and skips the first two. */
const officialSteps = 12;
const officialStartStep = 2;

export const edit: Command = {
  summary: 'repaint boxes of a picture as other classes, or extend it',
  usage:
    '--model M --image in.png --box row,col,height,width:CLASS [--box …] [--steps 12] [--start-step 2] [--halo 1]\n' +
    '          or: --outpaint right:2 [--outpaint up …] [--class C] [--steps N] [--start-step 0]\n' +
    '          [--seed 0] [--schedule S] [--temperature X] [--choice-temperature X] [--guidance X] [--corrections N]\n' +
    '          [--noise noise.safetensors]\n' +
    '          --out out.png [--trace trace.safetensors]           boxes in tokens; --outpaint left, right, up or down\n' +
    "          by so many halves of the model's size, of a picture of that size or of one that was extended before",
  async run(args, host) {
    const typed = parseFlags(args, flags, 'edit');
    const manifest = await readManifest(host, typed.model);
    needPainter(manifest);
    checkChoice(typed);
    await checkWritable(typed.out, typed.trace);
    if (typed.outpaint.length > 0) await outpaint(host, manifest, typed);
    else await repaint(host, manifest, typed);
  },
};

/** Boxes or an extension: each has flags of its own. */
function checkChoice(typed: FlagValues<typeof flags>): void {
  const isExtension = typed.outpaint.length > 0;
  if (isExtension && typed.box.length > 0) {
    throw new UsageError('--box and --outpaint are two edits; give them in two calls, one after the other.');
  }
  if (isExtension && typed.halo !== undefined) throw new UsageError('--halo is for --box; --outpaint has none.');
  if (isExtension) return;
  if (typed.box.length === 0) {
    throw new UsageError('--box is missing, give --box row,col,height,width:CLASS or --outpaint right:2.');
  }
  if (typed.class !== undefined) throw new UsageError('--class is for --outpaint; a --box names its own class.');
  if (typed.box.length > MAX_BOXES) throw new UsageError(`--box is given more than ${MAX_BOXES} times.`);
}

async function repaint(host: Host, manifest: ModelManifest, typed: FlagValues<typeof flags>): Promise<void> {
  const boxes = typed.box.map((box, id) => parseBox(box, id, manifest));
  const startStep = typed['start-step'] ?? officialStartStep;
  const sampler = manifest.editSampler ?? manifest.sampler;
  const settings = settingsOf({ sampler }, typed, startStep, officialSteps);
  checkSettings(settings, manifest.config);
  const noise = await noiseOf(typed.noise, manifest, settings);
  const picture = fitted(await readPicture(typed.image), manifest.config.image.size);
  const request = { picture, boxes, halo: typed.halo ?? 1, seed: typed.seed ?? 0, settings, ...(noise && { noise }) };
  await withSession(host, typed.model, async (session, progress) => {
    const { grid, image } = session.config;
    const { steps, outcome } = await collect(editSteps(session, request, neverStop), progress);
    await writePng(typed.out, pictureOf(outcome.composite, image.size));
    if (typed.trace === undefined) return;
    await writeTrace(typed.trace, [
      ...stepTensors(steps),
      gridTensor('finalTokens', grid, outcome.tokens),
      imageTensor('pixels', image.size, outcome.pixels),
      gridTensor('startTokens', grid, outcome.startTokens),
      tensorOut('tokenMask', [grid.rows, grid.cols], outcome.tokenMask),
      imageTensor('blend', image.size, outcome.blend),
      imageTensor('composite', image.size, outcome.composite),
    ]);
  });
}

/** `row,col,height,width:CLASS` in tokens; the class by name, alias or index. */
function parseBox(typed: string, id: number, manifest: ModelManifest): PaintBox & { readonly classId: number } {
  const found = /^(\d{1,4}),(\d{1,4}),(\d{1,4}),(\d{1,4}):(.+)$/s.exec(typed);
  if (found === null) {
    throw new UsageError(`--box must be row,col,height,width:CLASS in tokens, it is ${quoted(typed)}.`);
  }
  const [row, col, height, width] = found.slice(1, 5).map(Number) as [number, number, number, number];
  const box = { row, col, height, width };
  boxMask(box, manifest.config.grid); // refuses a box that is empty or leaves the grid
  return { ...box, id, classId: findClass(manifest, found[5]!) };
}
