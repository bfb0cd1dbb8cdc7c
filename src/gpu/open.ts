import type { AdapterReport } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import type { Capabilities } from '../program/capabilities.ts';
import { SUBGROUP_MATRIX, SUBGROUP_SIZE, subgroupMatrixOf } from './subgroupMatrix.ts';

/** A device with what it can do, as plain data. */
export interface OpenDevice {
  readonly device: GPUDevice;
  readonly capabilities: Capabilities;
  readonly report: AdapterReport;
}

const wantedFeatures = ['shader-f16', 'subgroups', 'timestamp-query', SUBGROUP_SIZE, SUBGROUP_MATRIX] as const;

/**
 * Find an adapter and open a device with every optional feature we have a use for and the adapter's own limits.
 * Failures: NoAdapter, DeviceRefused.
 */
export async function openDevice(gpu: GPU): Promise<OpenDevice> {
  const adapter = await findAdapter(gpu);
  const features = wantedFeatures.filter((feature) => adapter.features.has(feature));
  const { limits } = adapter;
  try {
    const device = await adapter.requestDevice({
      label: 'unmask',
      requiredFeatures: features,
      requiredLimits: {
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
        maxBufferSize: limits.maxBufferSize,
        maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
        maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
        maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      },
    });
    const subgroupMatrix = gpu.wgslLanguageFeatures.has('subgroup_id') && subgroupMatrixOf(adapter);
    const capabilities = { ...capabilitiesOf(device, adapter), ...(subgroupMatrix && { subgroupMatrix }) };
    return { device, capabilities, report: reportOf(adapter, features) };
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('DeviceRefused', `The graphics adapter gave no device: ${String(cause)}`, { cause });
  }
}

/** Firefox throws for a blocklisted driver where others answer null (bugzilla 2008734). */
async function findAdapter(gpu: GPU): Promise<GPUAdapter> {
  const options = { powerPreference: 'high-performance' } as const;
  const adapter = await gpu.requestAdapter(options).catch((cause: unknown) => {
    throw new Failure('NoAdapter', `The browser refused its graphics adapter: ${String(cause)}`, { cause });
  });
  if (adapter === null) throw new Failure('NoAdapter', 'WebGPU is here, but it offers no graphics adapter.');
  return adapter;
}

function capabilitiesOf(device: GPUDevice, { info }: GPUAdapter): Capabilities {
  const { limits, features } = device;
  const subgroups = features.has('subgroups');
  return {
    f16: features.has('shader-f16'),
    subgroups,
    subgroupMinSize: subgroups ? info.subgroupMinSize : 0,
    subgroupMaxSize: subgroups ? info.subgroupMaxSize : 0,
    timestamps: features.has('timestamp-query'),
    isFallback: isSoftware(info),
    maxStorageBufferBindingBytes: limits.maxStorageBufferBindingSize,
    maxBufferBytes: limits.maxBufferSize,
    maxWorkgroupStorageBytes: limits.maxComputeWorkgroupStorageSize,
    maxInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxStorageBuffersPerStage: limits.maxStorageBuffersPerShaderStage,
  };
}

function reportOf({ info }: GPUAdapter, features: readonly string[]): AdapterReport {
  const { vendor, architecture, description } = info;
  return { vendor, architecture, description, isFallback: isSoftware(info), features };
}

/** Mesa's llvmpipe does not call itself a fallback, but it is one. */
function isSoftware({ isFallbackAdapter, architecture, description }: GPUAdapterInfo): boolean {
  return isFallbackAdapter || /swiftshader|llvmpipe/i.test(`${architecture} ${description}`);
}
