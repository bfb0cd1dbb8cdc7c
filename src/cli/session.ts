import type { ModelManifest } from '../core/manifest.ts';
import { parseManifest } from '../core/parseManifest.ts';
import { loadSession } from '../engine/load.ts';
import type { Session } from '../engine/session.ts';
import { failureOf } from '../gpu/lost.ts';
import { openDevice } from '../gpu/open.ts';
import { nodeGpu } from '../host/node.ts';
import { ProgressLine, type Host } from './host.ts';
import { folderSource, modelFolder } from './models.ts';

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
}

/** Load `--model` on this machine's GPU, use it, and let go of both. */
export async function withSession<T>(
  host: Host,
  model: string,
  use: (session: Session, progress: ProgressLine) => Promise<T>,
  { ready = false, gridSide }: OpenOptions = {},
): Promise<T> {
  const folder = folderSource(await modelFolder(host.root, model));
  const source = gridSide === undefined ? folder : { ...folder, manifest: () => resized(host, model, gridSide) };
  const opened = await openDevice(await nodeGpu());
  const progress = new ProgressLine(host);
  try {
    const onProgress = ({ stage }: { stage: string }): void => progress.show(`${stage} …`);
    const { session } = await loadSession(opened, failureOf(opened.device), source, {
      stop: neverStop,
      onProgress,
      ready,
    });
    try {
      return await use(session, progress);
    } finally {
      await session.destroy();
    }
  } finally {
    progress.clear();
    opened.device.destroy();
  }
}

/** The manifest for another token grid; the picture grows with it. */
async function resized(host: Host, model: string, side: number): Promise<ModelManifest> {
  const manifest = await readManifest(host, model);
  const { config } = manifest;
  const size = (config.image.size / config.grid.rows) * side;
  return { ...manifest, config: { ...config, image: { ...config.image, size }, grid: { rows: side, cols: side } } };
}
