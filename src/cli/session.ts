import type { LoadStage } from '../core/engine.ts';
import type { ModelManifest } from '../core/manifest.ts';
import { parseManifest } from '../core/parseManifest.ts';
import { weightShapes } from '../core/weightShapes.ts';
import type { ProductChoice } from '../core/tuning.ts';
import { loadSession } from '../engine/load.ts';
import type { Session } from '../engine/session.ts';
import type { ModelSource, ShardFile } from '../engine/source.ts';
import type { RecordWith } from '../engine/tuning/measureProducts.ts';
import { Tuning } from '../engine/tuning/tuning.ts';
import { openWeightFiles } from '../engine/weights.ts';
import { failureOf } from '../gpu/lost.ts';
import { openDevice, type OpenDevice } from '../gpu/open.ts';
import { nodeGpu } from '../host/node.ts';
import type { Target } from '../program/capabilities.ts';
import { ProgressLine, type Host } from './host.ts';
import { folderSource, modelFolder } from './models.ts';
import { tuningFile } from './tuningFile.ts';

/** The model.json of `--model`, checked. */
export async function readManifest(host: Host, model: string): Promise<ModelManifest> {
  const source = folderSource(await modelFolder(host.root, model));
  return parseManifest(await source.manifest(neverStop), `${source.name}/model.json`);
}

/** The terminal stops us by ending the process. */
export const neverStop = { aborted: false, throwIfAborted: (): void => {} };

export interface OpenOptions {
  /** Compile and warm everything a picture takes, instead of each part on its first use. */
  readonly ready?: boolean;
  /** Side of the token grid in place of the model's; for a tokenizer alone, whose weights fit every size. */
  readonly gridSide?: number | undefined;
  /** Measure products first: what was never measured on this adapter, or all of them, on a software adapter too. */
  readonly tune?: 'complete' | 'anew' | undefined;
  /** Told whenever the load comes to another stage. */
  readonly onStage?: (stage: LoadStage) => void;
}

/** Load `--model` on this machine's GPU, use it, and let go of both. Its files are checked before a GPU is asked for. */
export async function withSession<T>(
  host: Host,
  model: string,
  use: (session: Session, progress: ProgressLine, products: readonly ProductChoice[]) => Promise<T>,
  { ready = false, gridSide, tune, onStage }: OpenOptions = {},
): Promise<T> {
  const manifest = await readManifest(host, model);
  const folder = await modelFolder(host.root, model);
  const source = await verified(folderSource(folder), gridSide === undefined ? manifest : resized(manifest, gridSide));
  const progress = new ProgressLine(host);
  return withDevice(async (opened, failure) => {
    const onProgress = ({ stage }: { stage: LoadStage }): void => {
      progress.show(`${stage} …`);
      onStage?.(stage);
    };
    const tuning = new Tuning(tuningFile());
    let products: readonly ProductChoice[] = [];
    const tuned = async (record: RecordWith): Promise<Target['tuned']> => {
      if (tune) {
        progress.show('timing products …');
        const now = { turn: <R>(work: () => Promise<R>) => work(), isPast: () => false, budgetMs: Infinity };
        ({ products } = await tuning.obey(tune, opened, record, now));
      }
      return tuning.tuned(opened, record);
    };
    const { session } = await loadSession(opened, failure, source, { stop: neverStop, onProgress, ready, tuned });
    try {
      return await use(session, progress, products);
    } finally {
      await session.destroy();
    }
  }).finally(() => progress.clear());
}

/** Open this machine's GPU, use it, and let go of it. @param use is also given what rejects when the device is lost */
export async function withDevice<T>(use: (opened: OpenDevice, failure: Promise<never>) => Promise<T>): Promise<T> {
  const opened = await openDevice(await nodeGpu());
  try {
    return await use(opened, failureOf(opened.device));
  } finally {
    opened.device.destroy();
  }
}

/** The source with its shards open already, each hashed, and every weight in its shape. @throws Failure BadFile */
async function verified(source: ModelSource, manifest: ModelManifest): Promise<ModelSource> {
  const shards = new Map<string, ShardFile>();
  const watch = { stop: neverStop, onBytes: () => {}, onVerify: () => {} };
  try {
    for (const shard of manifest.shards) shards.set(shard.file, await source.open(shard, watch));
    (await openWeightFiles([...shards.values()])).check(weightShapes(manifest.config));
  } catch (error) {
    for (const file of shards.values()) await file.close();
    throw error;
  }
  return { name: source.name, manifest: async () => manifest, open: async ({ file }) => shards.get(file)! };
}

/** The manifest for another token grid; the picture grows with it. */
function resized(manifest: ModelManifest, side: number): ModelManifest {
  const { config } = manifest;
  const size = (config.image.size / config.grid.rows) * side;
  return { ...manifest, config: { ...config, image: { ...config.image, size }, grid: { rows: side, cols: side } } };
}
