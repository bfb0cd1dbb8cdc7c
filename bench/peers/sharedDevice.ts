/** What one runtime has done on the shared device since counting began. */
export interface DeviceCounts {
  dispatches: number;
  passes: number;
  submits: number;
  buffers: number;
  bindGroups: number;
}

/** The one device of the page, with everything on it counted under the name of who is at work. */
export interface SharedDevice {
  readonly device: GPUDevice;
  readonly adapter: GPUAdapter;
  /** A `navigator.gpu` whose adapter gives the shared device to whoever asks. */
  readonly gpu: GPU;
  /** Run `work` with what it creates put down to `owner`. */
  as<T>(owner: string, work: () => Promise<T>): Promise<T>;
  /** Counts of `work` alone. */
  counted<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly counts: DeviceCounts }>;
  /** Bytes of buffers that an owner has created and not destroyed. */
  aliveBytes(owner: string): number;
  /** Waits until everything that was submitted is done. */
  settle(): Promise<void>;
}

/** In narrower subgroups (SwiftShader has 4) onnxruntime-web 1.30's attention gives wrong numbers; nobody gets them then. */
const LEAST_SUBGROUP = 8;

/** Open a device with nearly everything the adapter has, so that no runtime gets less than it would ask for. */
export async function openSharedDevice(): Promise<SharedDevice> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new Error('no graphics adapter: start the browser with a GPU or its software adapter');
  const limits: Record<string, number> = {};
  // What a device may hold is inherited from the adapter; names of limits are enumerable there.
  for (const name in adapter.limits) limits[name] = adapter.limits[name as keyof GPUSupportedLimits] as number;
  const requiredFeatures = ([...adapter.features] as GPUFeatureName[]).filter(
    (name) => !name.startsWith('subgroup') || adapter.info.subgroupMinSize >= LEAST_SUBGROUP,
  );
  const device = await adapter.requestDevice({ label: 'shared', requiredFeatures, requiredLimits: limits });
  GPUAdapter.prototype.requestDevice = async () => device;
  return { device, adapter, gpu: navigator.gpu, ...watch(device), settle: () => device.queue.onSubmittedWorkDone() };
}

type Watched = Pick<SharedDevice, 'as' | 'counted' | 'aliveBytes'>;

function watch(device: GPUDevice): Watched {
  const counts: DeviceCounts = { dispatches: 0, passes: 0, submits: 0, buffers: 0, bindGroups: 0 };
  const alive = new Map<string, number>();
  let owner = '';
  countCalls(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => counts.dispatches++);
  countCalls(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', () => counts.dispatches++);
  countCalls(GPUCommandEncoder.prototype, 'beginComputePass', () => counts.passes++);
  countCalls(GPUQueue.prototype, 'submit', () => counts.submits++);
  countCalls(GPUDevice.prototype, 'createBindGroup', () => counts.bindGroups++);
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    const mine = owner;
    counts.buffers++;
    alive.set(mine, (alive.get(mine) ?? 0) + buffer.size);
    const destroy = buffer.destroy.bind(buffer);
    let isAlive = true;
    buffer.destroy = () => {
      if (isAlive) alive.set(mine, alive.get(mine)! - buffer.size);
      isAlive = false;
      return destroy();
    };
    return buffer;
  };
  return {
    async as(name, work) {
      owner = name;
      return await work();
    },
    async counted(work) {
      const before = { ...counts };
      const value = await work();
      const names = Object.keys(counts) as (keyof DeviceCounts)[];
      return { value, counts: Object.fromEntries(names.map((n) => [n, counts[n] - before[n]])) as never };
    },
    aliveBytes: (name) => alive.get(name) ?? 0,
  };
}

function countCalls<T extends object>(prototype: T, name: keyof T, count: () => void): void {
  const original = prototype[name] as unknown as (...args: unknown[]) => unknown;
  prototype[name] = function (this: unknown, ...args: unknown[]) {
    count();
    return original.apply(this, args);
  } as never;
}
