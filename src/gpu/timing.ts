/** How long one of many equal replays takes, in ms: as many in one submit as fill `leastMs`, the least of three tries. */
export async function timeReplay(
  device: GPUDevice,
  replay: (pass: GPUComputePassEncoder) => void,
  leastMs: number,
): Promise<number> {
  await timeSubmit(device, replay, 1); // what is prepared at a first use
  let times = 1;
  let ms = await timeSubmit(device, replay, times);
  while (ms < leastMs && times < MOST_REPLAYS) {
    times = Math.min(MOST_REPLAYS, Math.max(2 * times, Math.ceil((times * leastMs) / ms)));
    ms = await timeSubmit(device, replay, times);
  }
  for (let again = 0; again < 2; again++) ms = Math.min(ms, await timeSubmit(device, replay, times));
  return ms / times;
}

/** So many dispatches of one kernel keep even a fast adapter busy, and no driver takes them for a hang. */
export const MOST_REPLAYS = 1024;

/** ms from the submit of so many equal replays to their end, by the clock outside. */
export async function timeSubmit(
  device: GPUDevice,
  replay: (pass: GPUComputePassEncoder) => void,
  times: number,
): Promise<number> {
  const sinceMs = performance.now();
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (let i = 0; i < times; i++) replay(pass);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
  return performance.now() - sinceMs;
}
