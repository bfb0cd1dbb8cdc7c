import type { ModelConfig } from '../../core/config.ts';
import { Failure } from '../../core/failure.ts';
import { pictureOf } from '../../engine/picture.ts';
import { checkWritable } from '../files.ts';
import { optional, parseFlags, path, png, required, text, UsageError } from '../flags.ts';
import { writePng } from '../pictures.ts';
import { readManifest, withSession } from '../session.ts';
import { imageTensor, readTokens, writeTrace } from '../traces.ts';
import type { Command } from './command.ts';

const flags = { model: required(text), tokens: required(path), out: required(png), trace: optional(path) };

export const decode: Command = {
  summary: 'turn tokens into a picture',
  usage: '--model M --tokens t.safetensors --out out.png [--trace trace.safetensors]',
  async run(args, host) {
    const typed = parseFlags(args, flags, 'decode');
    const { config } = await readManifest(host, typed.model);
    if (config.tokenizer === undefined) {
      throw new UsageError('This model holds a transformer only, it cannot decode a picture.');
    }
    const { shape, tokens } = await readTokens(typed.tokens);
    const gridSide = sideOf(shape, config, typed.tokens);
    checkCodes(tokens, config.tokenizer.codebook, typed.tokens);
    await checkWritable(typed.out, typed.trace);
    const decodeTokens = async (size: number, pixels: Float32Array): Promise<void> => {
      await writePng(typed.out, pictureOf(pixels, size));
      if (typed.trace !== undefined) await writeTrace(typed.trace, [imageTensor('pixels', size, pixels)]);
    };
    await withSession(
      host,
      typed.model,
      async (session) => decodeTokens(session.config.image.size, await session.decode(tokens)),
      { gridSide },
    );
  },
};

/** The side of a grid that is not the model's own; only a tokenizer alone is free in its size. */
function sideOf(shape: readonly number[], { grid, transformer }: ModelConfig, file: string): number | undefined {
  if (shape.length === 2 && shape[0] === grid.rows && shape[1] === grid.cols) return undefined;
  const isFree =
    transformer === undefined && shape.length === 2 && shape[0] === shape[1] && shape[0]! > 0 && shape[0]! <= 128;
  if (isFree) return shape[0];
  throw new Failure(
    'BadFile',
    `${file}: tokens has shape [${shape}], the model's grid is [${grid.rows},${grid.cols}].`,
  );
}

function checkCodes(tokens: Int32Array, codebook: number, file: string): void {
  const index = tokens.findIndex((code) => code < 0 || code >= codebook);
  if (index < 0) return;
  throw new Failure(
    'BadFile',
    `${file}: tokens holds ${tokens[index]} at index ${index}, codes are from 0 to ${codebook - 1}.`,
  );
}
