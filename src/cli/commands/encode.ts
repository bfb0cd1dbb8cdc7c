import { pixelsOf } from '../../engine/picture.ts';
import { tensorOut } from '../../formats/writeSafetensors.ts';
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
    const { tokenizer, image } = (await readManifest(host, typed.model)).config;
    if (tokenizer === undefined)
      throw new UsageError('This model holds a transformer only, it cannot encode a picture.');
    const picture = fitted(await readPicture(typed.image), image.size);
    await withSession(host, typed.model, async (session) => {
      const { grid } = session.config;
      const { latent, tokens } = await session.encode(pixelsOf(picture, image.size));
      const latentTensor = tensorOut('latent', [grid.rows, grid.cols, tokenizer.embedding], latent);
      await writeTrace(typed.trace, [latentTensor, gridTensor('tokens', grid, tokens)]);
    });
  },
};
