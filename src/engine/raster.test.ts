import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../core/config.ts';
import { blankTokens, MASK } from '../core/grid.ts';
import { guide, NULL_CLASS } from '../core/guidance.ts';
import { sampleRaster } from '../core/raster.ts';
import { defaultSettings } from '../core/request.ts';
import { packStepParams, stepParamsOf } from '../core/stepParams.ts';
import { weightShapes } from '../core/weightShapes.ts';
import { tensorOut } from '../formats/writeSafetensors.ts';
import { expectClose } from '../testing/agreement.ts';
import { loadGolden } from '../testing/golden.ts';
import { failureOf } from '../gpu/lost.ts';
import { openDevice } from '../gpu/open.ts';
import { nodeGpu } from '../host/node.ts';
import { serveFiles, toyConfig, toyFiles, toyWeights } from '../testing/toyModel.ts';
import { httpSource } from './httpSource.ts';
import { loadSession } from './load.ts';
import { rasterLogits, rasterSteps, type RasterRecord, type RasterRequest } from './raster.ts';
import { recordRasterStep } from './rasterProgram.ts';
import type { Session } from './session.ts';

const raster: ModelConfig = { ...toyConfig, transformer: { ...toyConfig.transformer!, order: 'raster' } };
const never = { aborted: false, throwIfAborted: (): void => {} };

async function withRacer<T>(
  use: (session: Session) => Promise<T>,
  config = raster,
  weights = toyWeights(config),
): Promise<T> {
  const opened = await openDevice(await nodeGpu());
  const surroundings = { fetch: serveFiles(toyFiles(config, weights)), openStore: async () => undefined };
  const source = httpSource('https://toy.test/model.json', surroundings);
  const { session } = await loadSession(opened, failureOf(opened.device), source, { stop: never, ready: false });
  try {
    return await use(session);
  } finally {
    await session.destroy();
    opened.device.destroy();
  }
}

async function paint(session: Session, request: RasterRequest, stop = never) {
  const records: RasterRecord[] = [];
  const steps = rasterSteps(session, request, stop);
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return { records, tokens: value };
    records.push(value);
  }
}

/** The guided logits of a position, seen anew with every token before it. */
async function logitsAnew(session: Session, request: RasterRequest, tokens: Int32Array, position: number) {
  const form = { sequences: 2, length: position + 1 };
  const { plan, tensors } = await session.part(`anew ${position}`, () =>
    recordRasterStep(session.config, session.target, form),
  );
  session.memory.write(tensors.tokens, Int32Array.from(tokens));
  session.memory.write(tensors.classes, Int32Array.of(request.classId, NULL_CLASS));
  const address = { seed: 0, step: position, masked: 0, nullRow: 1 };
  session.memory.write(tensors.stepParams, packStepParams(stepParamsOf(defaultSettings, address)));
  plan.run();
  const logits = new Float32Array(await plan.read(tensors.logits));
  const rows = { classes: [], rowOfPosition: new Int32Array(1), nullRow: 1 };
  return guide(logits, rows, session.config.transformer!.codebook, request.guidanceScale);
}

const request: RasterRequest = { classId: 1, seed: 7, temperature: 1, guidanceScale: 1.5 };

describe('a run in raster order', () => {
  it('draws the tokens of its definition, whose logits are computed without a cache', async () => {
    await withRacer(async (session) => {
      const { tokens } = await paint(session, request);
      // Of every prefix of the run, so that the definition can ask for logits without waiting.
      const logits: Float32Array[] = [];
      for (let p = 0; p < tokens.length; p++) logits.push(await logitsAnew(session, request, tokens, p));
      const run = { seed: request.seed, temperature: 1, tokens: blankTokens(raster.grid) };
      expect([...sampleRaster(run, (p) => logits[p]!)]).toEqual([...tokens]);
      expect(new Set(tokens).size).toBeGreaterThan(4);
    });
  });

  it('tells of every pass one token more, and keeps what is known', async () => {
    await withRacer(async (session) => {
      const known = blankTokens(raster.grid).fill(3, 5, 7);
      const { records } = await paint(session, { ...request, tokens: known });
      records.forEach(({ step, tokens }) => {
        const open = [...tokens.keys()].filter((p) => tokens[p] === MASK);
        expect(open).toEqual([...known.keys()].filter((p) => p > step && known[p] === MASK));
      });
      expect(records).toHaveLength(16);
      expect([...records.at(-1)!.tokens.subarray(5, 7)]).toEqual([3, 3]);
    });
  });

  it('is the same however many passes are ahead, and creates nothing: one pass and one submit a token', async () => {
    await withRacer(async (session) => {
      const first = await paint(session, request);
      const { counters } = session.memory;
      const before = { ...counters };
      session.stepsInFlight = 16;
      const second = await paint(session, request);
      expect([...second.tokens]).toEqual([...first.tokens]);
      const { buffers, bindGroups, pipelines } = before;
      expect(counters).toMatchObject({ buffers, bindGroups, pipelines });
      expect([counters.passes - before.passes, counters.submits - before.submits]).toEqual([16, 16]);
    });
  });

  it('stops after the pass that comes next', async () => {
    await withRacer(async (session) => {
      const stop = { aborted: false, throwIfAborted: (): void => {} };
      const steps = rasterSteps(session, request, stop);
      await steps.next();
      stop.aborted = true;
      expect((await steps.next()).done).toBe(true);
    });
  });

  it("gives PyTorch's logits from files, position by position", async () => {
    const golden = loadGolden('raster/tiny.safetensors');
    const { tokenizer: _, ...rest } = raster;
    const transformer = { ...raster.transformer!, heads: 4, codebook: 24 };
    const config: ModelConfig = { ...rest, transformer };
    const weights = [...weightShapes(config)].map(([name, shape]) => tensorOut(name, shape, golden.f32(name)));
    await withRacer(
      async (session) => {
        for (const [s, classId] of [1, NULL_CLASS].entries()) {
          const logits = await rasterLogits(session, golden.i32('tokens'), classId);
          expectClose('logits', logits, golden.at('logits', s), { abs: 2e-4, rel: 0 });
        }
      },
      config,
      weights,
    );
  });

  it('refuses what it cannot draw, by name, and other models', async () => {
    await withRacer(async (session) => {
      await expect(paint(session, { ...request, classId: 3 })).rejects.toThrow('classId is 3');
      await expect(paint(session, { ...request, temperature: -1 })).rejects.toThrow('temperature is -1');
      await expect(session.logits(blankTokens(raster.grid), 0)).rejects.toThrow('draws token by token');
    });
    await withRacer((session) => expect(paint(session, request)).rejects.toThrow('does not draw token by token'), toyConfig); // prettier-ignore
  });
});
