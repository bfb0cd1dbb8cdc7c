import { basename, join, resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { isPlainFileName } from '../../core/fields.ts';
import type { ModelClass } from '../../core/manifest.ts';
import { conversionLoss, qualityOf, type ConversionLoss } from '../../engine/import/conversionLoss.ts';
import { importModel, modelJson } from '../../engine/import/importModel.ts';
import type { NetworkOptions } from '../../engine/import/infer.ts';
import { weightDtypes } from '../../engine/import/quantize.ts';
import { openWeights } from '../checkpoints.ts';
import { checkWritable, kindOf, readJson, writeWhole, type OpenFile } from '../files.ts';
import { choice, number, optional, parseFlags, path, required, UsageError, whole, type FlagValues } from '../flags.ts';
import { ProgressLine } from '../host.ts';
import { folderSource } from '../models.ts';
import { neverStop, withDevice } from '../session.ts';
import type { Command } from './command.ts';

const flags = {
  tokenizer: optional(path),
  transformer: optional(path),
  classes: optional(path),
  out: required(path),
  dtype: optional(choice(weightDtypes)),
  heads: optional(whole(1, 256)),
  groups: optional(whole(1, 1024)),
  codebook: optional(whole(2, 2 ** 20)),
  gelu: optional(choice(['tanh', 'erf'])),
  'group-eps': optional(number(0, 1)),
  compare: optional(whole(1, 64)),
};

export const importCommand: Command = {
  summary: 'turn official checkpoints into a model folder',
  usage:
    '[--tokenizer FILE] [--transformer FILE] [--classes names.json] --out DIR [--dtype f32|f16|int8]\n' +
    '          [--heads N] [--groups N] [--codebook N] [--gelu tanh|erf] [--group-eps E] [--compare GRIDS]',
  async run(args, host) {
    const typed = parseFlags(args, flags, 'import');
    if (typed.tokenizer === undefined && typed.transformer === undefined) {
      throw new UsageError('There is nothing to import, give --tokenizer, --transformer or both.');
    }
    if ((await kindOf(typed.out)) === 'file') throw new UsageError(`--out ${typed.out} is a file, give a folder.`);
    const classes = typed.classes === undefined ? undefined : parseNames(await readJson(typed.classes), typed.classes);
    await checkWritable(join(typed.out, 'model.json'));
    const open: OpenFile[] = [];
    const progress = new ProgressLine(host);
    try {
      const openPart = async (part: string | undefined) => (part === undefined ? undefined : openWeights(part, open));
      const tokenizer = await openPart(typed.tokenizer);
      // One file with both networks is opened once: what is compressed in it is inflated once.
      const isBoth = typed.transformer === typed.tokenizer;
      const files = { tokenizer, transformer: isBoth ? tokenizer : await openPart(typed.transformer) };
      const options = networkOptions(typed);
      const manifest = await importModel(
        files,
        { id: idOf(typed.out), dtype: typed.dtype ?? 'f32', ...options, ...(classes && { classes }) },
        (name, bytes) => writeWhole(join(typed.out, name), bytes),
        ({ done, total }) => progress.show(`tensor ${done} of ${total}`),
      );
      if (typed.compare === undefined) return;
      progress.show('comparing …');
      const comparison = { files, options, converted: folderSource(typed.out), grids: typed.compare };
      const loss = await withDevice((opened, failure) => conversionLoss(opened, failure, comparison, neverStop));
      const quality = { ...manifest.quality, ...qualityOf(loss) };
      await writeWhole(join(typed.out, 'model.json'), modelJson({ ...manifest, quality }));
      progress.clear();
      host.out(`${lossWords(loss)}\n`);
    } finally {
      progress.clear();
      for (const file of open) await file.close();
    }
  },
};

function networkOptions(typed: FlagValues<typeof flags>): NetworkOptions {
  return {
    ...(typed.heads !== undefined && { heads: typed.heads }),
    ...(typed.groups !== undefined && { groups: typed.groups }),
    ...(typed.codebook !== undefined && { codebook: typed.codebook }),
    ...(typed.gelu !== undefined && { gelu: typed.gelu }),
    ...(typed['group-eps'] !== undefined && { groupEps: typed['group-eps'] }),
  };
}

/** One line: how far the weights that were written are from those of the files. */
function lossWords({ sameCode, logitsNmse, pixelsPsnrDb }: ConversionLoss): string {
  const words = [
    ...(sameCode === undefined ? [] : [`${(100 * sameCode).toFixed(1)} % of the likeliest codes are the same`]),
    ...(logitsNmse === undefined ? [] : [`logits NMSE ${logitsNmse.toExponential(1)}`]),
    ...(pixelsPsnrDb === undefined
      ? []
      : [pixelsPsnrDb === Infinity ? 'decoded pixels equal' : `decoded pixels PSNR ${pixelsPsnrDb.toFixed(1)} dB`]),
  ];
  return `Against the files: ${words.join(', ')}.`;
}

/** The folder's name where it can be an id. */
function idOf(folder: string): string {
  const name = basename(resolve(folder)).replaceAll(/[^A-Za-z0-9._-]/g, '-');
  return isPlainFileName(name) ? name : 'imported';
}

/** A list of names, `"tench, Tinca tinca"` with aliases behind commas, or of { name, aliases }. */
function parseNames(json: unknown, file: string): readonly ModelClass[] {
  if (!Array.isArray(json)) throw new Failure('BadFile', `${file}: it must be a list of class names.`);
  return json.map((item: unknown, i) => {
    if (typeof item === 'string') {
      const [name = '', ...aliases] = item.split(',').map((part) => part.trim());
      if (name !== '') return { name, aliases };
    }
    const { name, aliases = [] } = (item ?? {}) as { name?: unknown; aliases?: unknown };
    if (
      typeof name === 'string' &&
      name.trim() !== '' &&
      Array.isArray(aliases) &&
      aliases.every((alias) => typeof alias === 'string')
    ) {
      return { name, aliases: aliases as string[] };
    }
    throw new Failure('BadFile', `${file}: entry ${i} must be a name, or { name, aliases }, and not empty.`);
  });
}
