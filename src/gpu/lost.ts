import { Failure } from '../core/failure.ts';

/**
 * Rejects when the device is lost or reports an error that nobody caught, so that every wait can race it: a map or a
 * pipeline that belongs to a lost device may never settle.
 */
export function failureOf(device: GPUDevice): Promise<never> {
  const failure = new Promise<never>((_, reject) => {
    void device.lost.then(({ reason, message }) => {
      reject(new Failure('DeviceLost', `The graphics device was lost (${reason}): ${message || 'no reason given'}.`));
    });
    device.addEventListener('uncapturederror', ({ error }: GPUUncapturedErrorEvent) => {
      const name = error instanceof GPUOutOfMemoryError ? 'OutOfMemory' : 'Internal';
      reject(new Failure(name, `The graphics device reported: ${error.message}`));
    });
  });
  failure.catch(() => {}); // told to whoever is waiting; not an unhandled rejection
  return failure;
}
