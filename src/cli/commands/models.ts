import { listModels } from '../models.ts';
import { parseFlags } from '../flags.ts';
import type { Command } from './command.ts';

export const models: Command = {
  summary: 'list the models that are here',
  usage: '',
  async run(args, host) {
    parseFlags(args, {}, 'models');
    for (const { id, manifest } of await listModels(host.root)) {
      const { image, grid, transformer } = manifest.config;
      const sizeMb = manifest.shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
      const classes = transformer ? `${transformer.classes} classes` : 'no classes';
      const facts = [`${image.size} px`, `${grid.rows} × ${grid.cols} tokens`, classes, `${sizeMb.toFixed(1)} MB`];
      host.out(`${id}\t${manifest.name}\t${facts.join(', ')}\n`);
    }
  },
};
