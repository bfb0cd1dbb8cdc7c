import type { Command } from './command.ts';

export const bench: Command = {
  summary: 'count and time what a picture takes',
  usage: '[--model M] [--json out.json]',
  async run() {},
};
