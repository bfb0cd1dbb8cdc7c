import { describe, expect, it } from 'vitest';
import { MASK } from '../core/grid.ts';
import { NULL_CLASS } from '../core/guidance.ts';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { embed, type SequenceLayout } from './embed.ts';
import * as embedReferences from './embed.ref.ts';
import { gridRows } from './gridRows.ts';
import * as gridRowsReferences from './gridRows.ref.ts';

const references = { ...embedReferences, ...gridRowsReferences };
const rows = { codes: 8, firstClass: 8, classCount: 3, nullRow: 11, maskRow: 12 };

function recordEmbed(
  width: number,
  tokens: number[][],
  classes: number[],
  layout: SequenceLayout = { classToken: 'first' },
) {
  const positions = tokens[0]!.length;
  const length = positions + (layout.classToken ? 1 : 0) + (layout.registers ?? 0);
  const rec = new Recorder();
  const tensors = {
    tokens: rec.state('tokens', [tokens.length, positions], 'i32'),
    classes: rec.state('classes', [classes.length], 'i32'),
    words: rec.weight('words', [13, width]),
    places: rec.weight('places', [length, width]),
  };
  const inputs = new Map<(typeof tensors)['words'], Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>([
    [tensors.tokens, Int32Array.from(tokens.flat())],
    [tensors.classes, Int32Array.from(classes)],
    [tensors.words, normal([13, width], 1)],
    [tensors.places, normal([length, width], 2)],
  ]);
  return { rec, inputs, h: embed(rec, tensors, tensors, rows, layout) };
}

describe('embed', () => {
  it.each([1, 63, 65, 192])('puts the class first, then the tokens, at width %i', async (width) => {
    const { rec, inputs, h } = recordEmbed(width, [[0, 7, MASK, 3]], [2, NULL_CLASS]);
    await expectAgreement(rec, references, inputs, [h]);
  });

  it('gives a picture of its own to every sequence, in turn', async () => {
    const { rec, inputs, h } = recordEmbed(5, [[0, 1], [MASK, 2], [3, 3]], [0, 1, 2, NULL_CLASS, NULL_CLASS, NULL_CLASS]); // prettier-ignore
    await expectAgreement(rec, references, inputs, [h]);
  });

  it.each<SequenceLayout>([{ classToken: 'last' }, { registers: 2 }, { classToken: 'first', registers: 1 }, {}])(
    'puts class and registers where the layout %o says',
    async (layout) => {
      const { rec, inputs, h } = recordEmbed(65, [[0, 7, MASK, 3]], [2, NULL_CLASS], layout);
      await expectAgreement(rec, references, inputs, [h]);
    },
  );

  it('reads inside the vocabulary whatever the ids are', async () => {
    const wild = [8, 12, 13, 1e9, -1e9, -2];
    const { rec, inputs, h } = recordEmbed(4, [wild], [3, 1e9, -1e9, 2]);
    await expectAgreement(rec, references, inputs, [h]);
  });

  it('refuses tokens that are not rows of the grid', () => {
    const rec = new Recorder();
    const classes = rec.state('classes', [1], 'i32');
    const embeddings = { words: rec.weight('words', [13, 2]), places: rec.weight('places', [5, 2]) };
    const tokens = rec.state('tokens', [5], 'i32');
    expect(() => embed(rec, { tokens, classes }, embeddings, rows, { classToken: 'first' })).toThrow(
      'tokens: shape [5] has no rows of 4',
    );
  });
});

describe('gridRows', () => {
  it.each([
    { sequences: 1, positions: 1, length: 2, first: 1, width: 1 },
    { sequences: 3, positions: 4, length: 5, first: 1, width: 65 },
    { sequences: 2, positions: 4, length: 6, first: 0, width: 3 },
  ])('keeps $positions rows from $first of $sequences × $length', async ({ sequences, length, width, ...grid }) => {
    const rec = new Recorder();
    const x = rec.state('x', [sequences * length, width], 'f32');
    const y = gridRows(rec, x, { sequences, ...grid });
    await expectAgreement(rec, references, new Map([[x, normal(x.shape, 1)]]), [y], { abs: 0, rel: 1e-9 });
  });

  it('refuses rows that are no whole sequences, or sequences that are shorter than the grid', () => {
    const rec = new Recorder();
    const refused = (rows: number): unknown =>
      gridRows(rec, rec.scratch('x', [rows, 2]), { sequences: 2, positions: 3, first: 1 });
    expect(() => refused(9)).toThrow('x: 9 rows are not 2 sequences');
    expect(() => refused(6)).toThrow('x: 6 rows are not 2 sequences');
  });
});
