/**
 * What has been created on the devices of a GPU (`create…`), `submit`s, `beginComputePass`es, and how much of its buffers'
 * memory is not yet destroyed.
 */
export interface Created {
  readonly calls: Map<string, number>;
  aliveBytes: number;
  readonly devices: GPUDevice[];
}

/**
 * The GPU with every `create…` call of its devices, every submit and every pass counted, by a proxy: what our own counters say is then checked by
 * something that shares no code with them.
 */
export function countedGpu(gpu: GPU): { readonly gpu: GPU; readonly created: Created } {
  const created: Created = { calls: new Map(), aliveBytes: 0, devices: [] };
  const adapterOf = (adapter: GPUAdapter | null): GPUAdapter | null =>
    adapter &&
    intercept(adapter, {
      requestDevice: async (descriptor?: GPUDeviceDescriptor) => {
        const device = await adapter.requestDevice(descriptor);
        created.devices.push(device);
        return countedDevice(device, created);
      },
    });
  const requestAdapter = async (options?: GPURequestAdapterOptions): Promise<GPUAdapter | null> =>
    adapterOf(await gpu.requestAdapter(options));
  return { gpu: intercept(gpu, { requestAdapter }), created };
}

function countedDevice(device: GPUDevice, created: Created): GPUDevice {
  const count = (name: string): void => void created.calls.set(name, (created.calls.get(name) ?? 0) + 1);
  const queue = intercept(device.queue, {
    submit: (buffers: Iterable<GPUCommandBuffer>) => {
      count('submit');
      return device.queue.submit(buffers);
    },
  });
  const countedEncoder = (encoder: GPUCommandEncoder): GPUCommandEncoder =>
    intercept(encoder, {
      beginComputePass: (descriptor?: GPUComputePassDescriptor) => {
        count('beginComputePass');
        return encoder.beginComputePass(descriptor);
      },
    });
  return new Proxy(device, {
    get(target, name) {
      if (name === 'queue') return queue;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (String(name).startsWith('create')) count(String(name));
        const result: unknown = Reflect.apply(value, target, args);
        if (name === 'createBuffer') trackBuffer(result as GPUBuffer, created);
        return name === 'createCommandEncoder' ? countedEncoder(result as GPUCommandEncoder) : result;
      };
    },
  });
}

function trackBuffer(buffer: GPUBuffer, created: Created): void {
  const destroy = buffer.destroy.bind(buffer);
  let alive = true;
  created.aliveBytes += buffer.size;
  buffer.destroy = () => {
    if (alive) created.aliveBytes -= buffer.size;
    alive = false;
    return destroy();
  };
}

/** The object with some of its methods replaced; all others run on the object itself, as native methods must. */
function intercept<T extends object>(object: T, replaced: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      if (name in replaced) return replaced[name as keyof T];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
