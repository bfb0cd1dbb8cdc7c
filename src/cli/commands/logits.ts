import { Failure } from '../../core/failure.ts';
import { positionCount } from '../../core/grid.ts';
import { rasterLogits } from '../../engine/raster.ts';
import { tensorOut } from '../../formats/writeSafetensors.ts';
import { findClass } from '../classes.ts';
import { checkWritable } from '../files.ts';
import { parseFlags, path, required, text } from '../flags.ts';
import { readManifest, withSession } from '../session.ts';
import { readTokens, writeTrace } from '../traces.ts';
import type { Command } from './command.ts';

const flags = { model: required(text), tokens: required(path), class: required(text), trace: required(path) };

export const logits: Command = {
  summary: 'what the transformer offers for masked tokens',
  usage: '--model M --tokens t.safetensors --class N --trace trace.safetensors',
  async run(args, host) {
    const typed = parseFlags(args, flags, 'logits');
    const manifest = await readManifest(host, typed.model);
    const classId = findClass(manifest, typed.class);
    const { grid, transformer } = manifest.config;
    const { codebook, order } = transformer!; // findClass refuses a model without
    const positions = positionCount(grid);
    const { shape, tokens } = await readTokens(typed.tokens);
    if (![`${positions}`, `${grid.rows},${grid.cols}`].includes(String(shape))) {
      const wanted = `[${positions}] or [${grid.rows},${grid.cols}]`;
      throw new Failure('BadFile', `${typed.tokens}: tokens has shape [${shape}], the model wants ${wanted}.`);
    }
    const index = tokens.findIndex((code) => code < -1 || code >= codebook);
    if (index >= 0) {
      const cause = `tokens holds ${tokens[index]} at index ${index}`;
      throw new Failure('BadFile', `${typed.tokens}: ${cause}, codes are from 0 to ${codebook - 1} and -1 for a mask.`);
    }
    await checkWritable(typed.trace);
    await withSession(host, typed.model, async (session) => {
      const values = await (order ? rasterLogits(session, tokens, classId) : session.logits(tokens, classId));
      await writeTrace(typed.trace, [tensorOut('logits', [positions, codebook], values)]);
    });
  },
};
