/**
 * The closed list of what can go wrong, by name. An error crosses the worker boundary with its name, message and
 * stack only, so the name is what everybody decides by: the page's sentence and action, the command line's exit code.
 */
export const failureNames = [
  'BadRequest', // a field is out of range; the message names field and allowed range
  'BadFile', // weights, checkpoint, picture or trace that cannot be used; the message names file and cause
  'NoWebGpu', // the browser has no navigator.gpu
  'InsecurePage', // WebGPU is hidden because the page is not served over https or from localhost
  'NoAdapter', // WebGPU is there but offers no adapter
  'DeviceRefused', // the adapter gave no device
  'Limits', // the model does not fit the adapter's limits; the message has both numbers
  'OutOfMemory',
  'DeviceLost',
  'Download', // the network failed or answered wrongly; the message names the file
  'Quota', // the browser's storage is full
  'Internal', // a broken promise of our own code
] as const;
export type FailureName = (typeof failureNames)[number];

/** An error of the closed list. `message` is one sentence: what, where, what to do. */
export class Failure extends Error {
  override readonly name: FailureName;
  constructor(name: FailureName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** The failure's name, also for errors that crossed a worker boundary and lost their class; 'Internal' for others. */
export function failureName(error: unknown): FailureName {
  const name = (error as { name?: unknown } | null)?.name;
  return (failureNames as readonly unknown[]).includes(name) ? (name as FailureName) : 'Internal';
}

/** Whether the error means that somebody pressed Stop. */
export function isAbort(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === 'AbortError';
}
