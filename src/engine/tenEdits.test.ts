import { expect, it } from 'vitest';
import type { Engine, Picture } from '../core/engine.ts';
import { boxMask, maskTokens, type Box } from '../core/mask.ts';
import { pasteOver, ringBlend } from '../core/paste.ts';
import { defaultSettings } from '../core/request.ts';
import { nodeGpu } from '../host/node.ts';
import { serveFiles, toyFiles } from '../testing/toyModel.ts';
import { createEngine } from './engine.ts';
import { httpSource } from './httpSource.ts';

/** The toy model: 4 × 4 cells of 4 pixels. */
const grid = { rows: 4, cols: 4 };
const [CELL, SIZE] = [4, 16];
const settings = { ...defaultSettings, steps: 2 };
const never = new AbortController().signal;

async function toyEngine(): Promise<Engine> {
  const surroundings = { fetch: serveFiles(toyFiles()), openStore: async () => undefined };
  const engine = createEngine({ gpu: nodeGpu, sourceOf: (address) => httpSource(address, surroundings) });
  await engine.load('https://models.example/toy/model.json', () => {}, never);
  return engine;
}

/** A picture as the page works on it: its tokens, and pixels of which only painted cells and their ring ever change. */
interface Sheet {
  readonly tokens: Int32Array;
  readonly picture: Picture;
}

/** One edit, as the page makes it. */
async function edited(engine: Engine, { tokens, picture }: Sheet, box: Box, seed: number): Promise<Sheet> {
  const mask = boxMask(box, grid, 0);
  const request = { classId: seed % 3, seed, settings, tokens: maskTokens(tokens, mask) };
  const made = await engine.generate(request, () => {}, never);
  return { tokens: made.tokens, picture: pasteOver(picture, made.picture, ringBlend(mask, grid, SIZE)) };
}

it('ten edits in a row: every token and byte that no edit reached is the first picture’s; the rest follows the last', async () => {
  const engine = await toyEngine();
  const first = await engine.generate({ classId: 1, seed: 3, settings }, () => {}, never);
  const stages: Sheet[] = [first];
  for (let i = 0; i < 10; i++) {
    const box = { row: i % 3, col: 0, height: 1 + (i % 2), width: 1 + (i % 2) };
    stages.push(await edited(engine, stages.at(-1)!, box, 100 + i));
    const [before, after] = [stages.at(-2)!, stages.at(-1)!];
    const mask = boxMask(box, grid, 0);
    const ring = boxMask(box, grid, 1);
    after.tokens.forEach((token, p) => mask[p] === 1 || expect(token, `token ${p}`).toBe(before.tokens[p]));
    expect(differingCells(before.picture, after.picture).filter((p) => ring[p] !== 1)).toEqual([]);
  }
  const last = stages.at(-1)!;
  const reached = boxMask({ row: 0, col: 0, height: 4, width: 3 }, grid, 0);
  const changed = differingCells(first.picture, last.picture);
  expect(changed.filter((p) => reached[p] !== 1)).toEqual([]);
  expect(changed.length).toBeGreaterThan(4);
  expect([...last.tokens]).not.toEqual([...first.tokens]);
});

/** Positions of the cells in which any byte differs. */
function differingCells(a: Picture, b: Picture): number[] {
  const cells = new Set<number>();
  a.rgba.forEach((value, i) => {
    const [y, x] = [Math.floor(i / 4 / SIZE), Math.floor(i / 4) % SIZE];
    if (value !== b.rgba[i]) cells.add(Math.floor(y / CELL) * grid.cols + Math.floor(x / CELL));
  });
  return [...cells];
}
