import { Failure } from '../core/failure.ts';
import type { Call, Kernel } from '../program/kernel.ts';
import type { ModelMemory } from './memory.ts';

/** The key under which calls share a pipeline: same text, same constants. */
export function pipelineKey({ kernel, constants }: Pick<Call, 'kernel' | 'constants'>): string {
  return `${kernel.name} ${JSON.stringify(constants)}`;
}

/** All distinct pipelines of the calls, compiled at once and asynchronously; those of earlier programs are taken over. */
export async function compilePipelines(
  memory: ModelMemory,
  calls: readonly Call[],
): Promise<ReadonlyMap<string, GPUComputePipeline>> {
  const distinct = new Map(calls.map((call) => [pipelineKey(call), call]));
  const { pipelines } = memory;
  for (const [key, call] of distinct) if (!pipelines.has(key)) pipelines.set(key, compilePipeline(memory, call));
  return new Map(await Promise.all([...distinct.keys()].map(async (key) => [key, await pipelines.get(key)!] as const)));
}

/** Explicit layout: it says what the declaration says, so a variant that ignores a binding still fits its bind group. */
async function compilePipeline(memory: ModelMemory, { kernel, constants }: Call): Promise<GPUComputePipeline> {
  const { device } = memory;
  const label = kernel.name;
  const layout = device.createPipelineLayout({ label, bindGroupLayouts: [bindGroupLayout(device, kernel)] });
  const module = device.createShaderModule({ label, code: kernel.source });
  memory.counters.pipelines++;
  try {
    const compute = { module, entryPoint: 'main', constants };
    return await device.createComputePipelineAsync({ label, layout, compute });
  } catch (cause) {
    const { messages } = await module.getCompilationInfo();
    const where = messages.map((m) => `  ${m.lineNum}:${m.linePos} ${m.message}`).join('\n');
    throw new Failure('Internal', `kernel ${label} does not compile: ${String(cause)}\n${where}`, { cause });
  }
}

function bindGroupLayout(device: GPUDevice, kernel: Kernel): GPUBindGroupLayout {
  const typeOf = { read: 'read-only-storage', read_write: 'storage' } as const;
  const types: GPUBufferBindingType[] = ['uniform', ...Object.values(kernel.buffers).map((access) => typeOf[access])];
  const entries = types.map((type, binding) => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type },
  }));
  return device.createBindGroupLayout({ label: kernel.name, entries });
}
