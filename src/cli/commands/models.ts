import { classCount } from '../classes.ts';
import { optional, parseFlags, text } from '../flags.ts';
import type { Host } from '../host.ts';
import { listModels } from '../models.ts';
import { readManifest } from '../session.ts';
import type { Command } from './command.ts';

const flags = { model: optional(text) };

export const models: Command = {
  summary: 'list the models that are here, or the classes of one',
  usage: '[--model M]',
  async run(args, host) {
    const typed = parseFlags(args, flags, 'models');
    if (typed.model !== undefined) return listClasses(host, typed.model);
    for (const { id, manifest } of await listModels(host.root)) {
      const { image, grid, transformer } = manifest.config;
      const sizeMb = manifest.shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
      const classes = transformer ? `${transformer.classes} classes` : 'no classes';
      const facts = [`${image.size} px`, `${grid.rows} × ${grid.cols} tokens`, classes, `${sizeMb.toFixed(1)} MB`];
      host.out(`${id}\t${manifest.name}\t${facts.join(', ')}\n`);
    }
  },
};

/** A line for each class: its index, its name, its aliases. What `--class` takes. */
async function listClasses(host: Host, model: string): Promise<void> {
  const { classes, config } = await readManifest(host, model);
  const count = classCount(config);
  if (classes.length === 0) return host.out(`The classes have no names, their indices are 0 to ${count - 1}.\n`);
  host.out(classes.map(({ name, aliases }, i) => `${i}\t${name}\t${aliases.join(', ')}`.trimEnd() + '\n').join(''));
}
