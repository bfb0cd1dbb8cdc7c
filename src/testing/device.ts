import { openDevice, type OpenDevice } from '../gpu/open.ts';
import { nodeGpu } from '../host/node.ts';

let opened: Promise<OpenDevice> | undefined;

/** The device that all GPU tests of a file share. No adapter is a failure, never a silent skip. */
export function testDevice(): Promise<OpenDevice> {
  opened ??= nodeGpu().then(openDevice);
  return opened;
}
