import source from '#shaders/embedPlace.wgsl?raw';
import stepParamsSource from '#shaders/lib/stepParams.wgsl?raw';
import { STEP_PARAM_WORDS } from '../core/stepParams.ts';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import type { Embeddings, SequenceInputs, VocabularyRows } from './embed.ts';

const embedPlaceKernel = defineKernel({
  name: 'embedPlace',
  source: stepParamsSource + source,
  buffers: {
    stepParams: 'read',
    tokens: 'read',
    classes: 'read',
    words: 'read',
    places: 'read',
    h: 'read_write',
  },
  params: {
    sequences: 'u32',
    positions: 'u32',
    width: 'u32',
    codes: 'u32',
    firstClass: 'u32',
    classCount: 'u32',
    nullRow: 'u32',
    maskRow: 'u32',
  },
  workgroups: ({ sequences }) => [sequences],
  operations: ({ sequences, width }) => sequences * width,
});

/** Word plus place of what stands at the place `stepParams.step` of every sequence, class first: [sequences, width]. */
export function embedPlace(
  rec: Recorder,
  { tokens, classes, stepParams }: SequenceInputs & { readonly stepParams: Tensor },
  { words, places }: Embeddings,
  rows: VocabularyRows,
): Tensor {
  const [positions] = expectShape(tokens, ['positions']) as [number];
  const [sequences] = expectShape(classes, ['sequences']) as [number];
  const [, width] = expectShape(words, ['vocabulary', 'width']) as [number, number];
  expectShape(places, [1 + positions, width]);
  expectShape(stepParams, [STEP_PARAM_WORDS]);
  const h = rec.scratch('embedding', [sequences, width]);
  const params = { sequences, positions, width, ...rows };
  rec.run(embedPlaceKernel, { stepParams, tokens, classes, words, places, h }, params);
  return h;
}
