/** A shape of matrices that a subgroup multiplies together: rows × terms by terms × columns in f16, sums in f32. */
export interface SubgroupMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly terms: number;
  /** Threads of a workgroup that a subgroup is made of: exactly, where that can be asked for, else at most. */
  readonly lanes: number;
  readonly isExact: boolean;
}

/** What a device can do, as plain data: kernel variants are chosen by it while recording, so a test can ask for any. */
export interface Capabilities {
  readonly f16: boolean;
  readonly subgroups: boolean;
  /** 0 when there are no subgroups; a size between the two, never assumed to be 32. */
  readonly subgroupMinSize: number;
  readonly subgroupMaxSize: number;
  /** Absent without the experimental feature, or where none of its shapes has f16 operands and sums in f32. */
  readonly subgroupMatrix?: SubgroupMatrix;
  readonly timestamps: boolean;
  /** A software adapter: barriers are dear, short submits keep the page alive. */
  readonly isFallback: boolean;
  readonly maxStorageBufferBindingBytes: number;
  readonly maxBufferBytes: number;
  readonly maxWorkgroupStorageBytes: number;
  readonly maxInvocationsPerWorkgroup: number;
  readonly maxStorageBuffersPerStage: number;
}

/** How the files of a model hold its matrices. */
export type WeightType = 'f32' | 'f16' | 'int8';

/** What kernel variants are chosen by while recording: the device, and what else is known then. */
export interface Target extends Capabilities {
  /** Matrices stay on the device as the model's files hold them; f32 when absent. */
  readonly weights?: WeightType;
  /** The fastest variant of a product by its key, where it was measured; `*` speaks for all others. */
  readonly tuned?: Readonly<Record<string, string>>;
  /**
   * How many pictures a program computes together; 1 when absent. Its products are computed as those of one are, so that
   * each picture has the same bits as alone.
   */
  readonly pictures?: number;
}

/** The least that WebGPU guarantees; every kernel must have a variant that runs on it. */
export const plainCapabilities: Capabilities = {
  f16: false,
  subgroups: false,
  subgroupMinSize: 0,
  subgroupMaxSize: 0,
  timestamps: false,
  isFallback: false,
  maxStorageBufferBindingBytes: 128 * 2 ** 20,
  maxBufferBytes: 256 * 2 ** 20,
  maxWorkgroupStorageBytes: 16 * 2 ** 10,
  maxInvocationsPerWorkgroup: 256,
  maxStorageBuffersPerStage: 8,
};
