import type { ModelConfig } from '../../core/config.ts';
import type { Picture } from '../../core/engine.ts';
import { pixelsOf } from '../../engine/picture.ts';
import { tensorOut } from '../../formats/writeSafetensors.ts';
import { checkWritable } from '../files.ts';
import { parseFlags, path, required, text, UsageError } from '../flags.ts';
import { fitted, readPicture } from '../pictures.ts';
import { readManifest, withSession } from '../session.ts';
import { gridTensor, writeTrace } from '../traces.ts';
import type { Command } from './command.ts';

const flags = { model: required(text), image: required(path), trace: required(path) };

export const encode: Command = {
  summary: 'turn a picture into tokens',
  usage: '--model M --image in.png --trace t.safetensors',
  async run(args, host) {
    const typed = parseFlags(args, flags, 'encode');
    const { config } = await readManifest(host, typed.model);
    const { tokenizer } = config;
    if (tokenizer === undefined)
      throw new UsageError('This model holds a transformer only, it cannot encode a picture.');
    const read = await readPicture(typed.image);
    const gridSide = sideOf(read, config);
    await checkWritable(typed.trace);
    await withSession(
      host,
      typed.model,
      async (session) => {
        const { grid, image } = session.config;
        const { latent, tokens } = await session.encode(pixelsOf(fitted(read, image.size), image.size));
        const latentTensor = tensorOut('latent', [grid.rows, grid.cols, tokenizer.embedding], latent);
        await writeTrace(typed.trace, [latentTensor, gridTensor('tokens', grid, tokens)]);
      },
      gridSide === undefined ? {} : { gridSide },
    );
  },
};

/**
 * The side of the grid of a picture that is read in its own size: a tokenizer alone is free in it, and a smaller picture
 * gains nothing by being enlarged.
 */
function sideOf({ width, height }: Picture, { grid, image, transformer }: ModelConfig): number | undefined {
  const side = width / (image.size / grid.cols);
  const isFree = transformer === undefined && width === height && width < image.size && Number.isInteger(side);
  return isFree ? side : undefined;
}
