import { create } from 'webgpu';
import { nodeGpu } from '../host/node.ts';
import { openDevice, type OpenDevice } from '../gpu/open.ts';

/** Dawn crashes when this is collected while a device lives. */
let dawn: GPU | undefined;

/**
 * A device that checks shaders and pipelines as every other and computes nothing. It has the experimental features of
 * Dawn, which no adapter of these tests has.
 */
export async function nullDevice(): Promise<OpenDevice> {
  await nodeGpu(); // makes the names of WebGPU global
  dawn ??= create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
  return openDevice(dawn);
}
