import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { create, globals } from 'webgpu';
import { Failure } from '../core/failure.ts';

/**
 * Dawn in Node. The object of `create` must stay reachable: Dawn crashes when it is collected while a device lives.
 */
let dawn: GPU | undefined;

/** Where Debian and others keep a software Vulkan; Mesa first, because it has f16 and is about three times as fast. */
const icdFolders = [
  '/usr/share/vulkan/icd.d',
  '/usr/lib/chromium',
  '/usr/lib64/chromium-browser',
  '/opt/google/chrome',
];
const softwareIcds = [/^lvp_icd.*\.json$/, /^vk_swiftshader_icd\.json$/];

/**
 * The GPU of this machine for Node: its own driver where there is one, else a software Vulkan where one is installed.
 * `VK_ICD_FILENAMES`, when set, decides. Failure: NoAdapter with what to install.
 */
export async function nodeGpu(): Promise<GPU> {
  if (dawn !== undefined) return dawn;
  Object.assign(globalThis, globals);
  if (process.env['VK_ICD_FILENAMES'] === undefined && !hasHardwareIcd()) {
    const software = findSoftwareIcd();
    if (software !== undefined) process.env['VK_ICD_FILENAMES'] = software;
  }
  // Experimental features, say: UNMASK_DAWN=enable-dawn-features=allow_unsafe_apis
  dawn = create((process.env['UNMASK_DAWN'] ?? '').split(' ').filter(Boolean));
  const adapter = await dawn.requestAdapter();
  if (adapter === null) {
    dawn = undefined;
    throw new Failure(
      'NoAdapter',
      'No graphics adapter was found; install a driver, or a software Vulkan (on Debian: apt-get install chromium).',
    );
  }
  return dawn;
}

function hasHardwareIcd(): boolean {
  if (process.platform !== 'linux') return true;
  return existsSync('/dev/dri') || existsSync('/dev/nvidia0');
}

function findSoftwareIcd(): string | undefined {
  const files = icdFolders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((f) => join(folder, f)));
  for (const pattern of softwareIcds) {
    const found = files.find((file) => pattern.test(file.split('/').at(-1)!));
    if (found !== undefined) return found;
  }
  return undefined;
}
