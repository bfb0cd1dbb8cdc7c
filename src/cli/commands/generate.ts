import { parse } from 'node:path';
import { positionCount } from '../../core/grid.ts';
import { checkRequest } from '../../core/validate.ts';
import { MOST_BATCH, picturesAtOnce, rowsOfBatch } from '../../engine/atOnce.ts';
import { generateTogether } from '../../engine/generate.ts';
import { pictureOf } from '../../engine/picture.ts';
import { findClass } from '../classes.ts';
import { checkWritable } from '../files.ts';
import { optional, parseFlags, path, png, required, text, UsageError, whole } from '../flags.ts';
import { writePng } from '../pictures.ts';
import { collect, needPainter, noiseOf, samplingFlags, settingsOf } from '../sampling.ts';
import { neverStop, readManifest, withSession } from '../session.ts';
import { gridTensor, imageTensor, stepTensors, writeTrace } from '../traces.ts';
import type { Command } from './command.ts';

const flags = {
  model: required(text),
  class: required(text),
  ...samplingFlags,
  count: optional(whole(1, 10_000)),
  batch: optional(whole(1, MOST_BATCH)),
  out: required(png),
  trace: optional(path),
};

export const generate: Command = {
  summary: 'paint pictures of a class',
  usage:
    '--model M --class C [--seed 0] [--steps N] [--schedule S] [--temperature X] [--choice-temperature X] [--guidance X]\n' +
    '          [--corrections N] [--count N] [--batch N] [--noise noise.safetensors] --out cat.png [--trace trace.safetensors]',
  async run(args, host) {
    const typed = parseFlags(args, flags, 'generate');
    const count = typed.count ?? 1;
    if (count > 1 && (typed.noise !== undefined || typed.trace !== undefined)) {
      throw new UsageError('--noise and --trace are for one picture, leave --count out.');
    }
    const manifest = await readManifest(host, typed.model);
    needPainter(manifest);
    const classId = findClass(manifest, typed.class);
    const settings = settingsOf(manifest, typed, 0);
    const seed = typed.seed ?? 0;
    checkRequest({ classId, seed, settings }, manifest.config);
    const noise = await noiseOf(typed.noise, manifest, settings);
    await checkWritable(numbered(typed.out, 0, count), typed.trace);
    await withSession(host, typed.model, async (session, progress) => {
      const { config } = session;
      const { grid, image } = config;
      const all = Array.from({ length: count }, (_, i) => ({
        seed: (seed + i) % 2 ** 32,
        ...(noise && { noise }),
      }));
      const atOnce = typed.batch ?? picturesAtOnce(session, rowsOfBatch({ classId, settings, pictures: all }, config));
      for (let first = 0; first < count; first += atOnce) {
        const batch = { classId, settings, pictures: all.slice(first, first + atOnce) };
        const { steps, outcome } = await collect(generateTogether(session, batch, neverStop), progress);
        for (const [i, { tokens }] of outcome.entries()) {
          const pixels = await session.decode(tokens);
          await writePng(numbered(typed.out, first + i, count), pictureOf(pixels, image.size));
          if (typed.trace === undefined) continue;
          const final = gridTensor('finalTokens', grid, tokens.subarray(0, positionCount(grid)));
          const own = steps.map((pictures) => pictures[i]!);
          await writeTrace(typed.trace, [...stepTensors(own), final, imageTensor('pixels', image.size, pixels)]);
        }
      }
    });
  },
};

/** cat.png for one picture, cat-1.png, cat-2.png … for several; their seeds count up. */
function numbered(file: string, i: number, count: number): string {
  if (count === 1) return file;
  const { dir, name, ext } = parse(file);
  return `${dir === '' ? '' : `${dir}/`}${name}-${i + 1}${ext}`;
}
