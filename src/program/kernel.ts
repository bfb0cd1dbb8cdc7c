import type { Tensor } from './tensor.ts';

export type Access = 'read' | 'read_write';
export type Scalar = 'u32' | 'i32' | 'f32';
/** Workgroups in each dimension. */
export type Groups = readonly [number, number?, number?];

/**
 * A WGSL kernel: one entry point `main`, its bindings by name, the fields of `struct Params` and its overrides.
 * The WGSL is the truth; the names here are a mirror that `defineKernel` checks.
 */
export interface Kernel<B extends string = string, P extends string = string, C extends string = string> {
  readonly name: string;
  /** The kernel whose reference says what this one computes; its own name when absent. */
  readonly formula?: string;
  readonly source: string;
  /** Storage buffers by WGSL name, in @binding order after the params at 0. */
  readonly buffers: Readonly<Record<B, Access>>;
  /** Fields of `struct Params`, in order; scalars only, so the layout is plain. Constant per call. */
  readonly params: Readonly<Record<P, Scalar>>;
  /** Names of the `override` constants: choices that the compiler folds (activation, whether a bias is there). */
  readonly constants: readonly C[];
  /** Groups to dispatch for these params and constants. */
  readonly workgroups: (params: Readonly<Record<P, number>>, constants: Readonly<Record<C, number>>) => Groups;
  /** The param that counts rows which know nothing of each other: groups for fewer of them compute the first. */
  readonly rows?: NoInfer<P>;
  /** Floating-point operations of a call (a multiply-add is two); 0 when absent. */
  readonly operations?: (params: Readonly<Record<P, number>>) => number;
  /** What a call multiplies, where that can be done in several ways and is tuned. */
  readonly product?: (params: Readonly<Record<P, number>>) => Product;
}

/** A sum of products over `terms` for every row and column: what has several variants to choose from. */
export interface Product {
  readonly kind: 'linear' | 'conv2d';
  readonly rows: number;
  readonly terms: number;
  readonly columns: number;
}

/** One use of a kernel in a program. */
export interface Call {
  readonly kernel: Kernel;
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly params: Readonly<Record<string, number>>;
  readonly constants: Readonly<Record<string, number>>;
  /** Set where the kernel's rows follow a list (`Recorder.list`): so many of them belong to an entry. */
  readonly rowsAnEntry?: number;
}

/** Groups to dispatch when the list that the rows of a call follow has only `entries` entries. */
export function groupsOf({ kernel, params, constants, rowsAnEntry }: Call, entries = Infinity): Groups {
  if (kernel.rows === undefined || rowsAnEntry === undefined) return kernel.workgroups(params, constants);
  const rows = Math.max(1, Math.min(params[kernel.rows]!, rowsAnEntry * entries));
  return kernel.workgroups({ ...params, [kernel.rows]: rows }, constants);
}

/**
 * Declare a kernel. Throws, with both lists, where the names here and the WGSL disagree. WGSL has no preprocessor:
 * a shared piece (shaders/lib) is joined in front of the source by the caller.
 */
export function defineKernel<B extends string, P extends string, C extends string = never>(
  kernel: Omit<Kernel<B, P, C>, 'constants'> & { readonly constants?: readonly C[] },
): Kernel<B, P, C> {
  const complete: Kernel<B, P, C> = { constants: [], ...kernel };
  const declared = describe(kernel.source);
  const mirrored = [
    'params: Params uniform',
    ...Object.entries<Access>(complete.buffers).map(([name, access]) => `${name} ${access}`),
    ...Object.entries<Scalar>(complete.params).map(([name, type]) => `${name}: ${type}`),
    ...complete.constants.map((name) => `override ${name}`),
  ];
  if (declared.join('\n') !== mirrored.join('\n')) {
    const [wgsl, ts] = [declared, mirrored].map((lines) => lines.join('\n  '));
    throw new Error(`kernel ${kernel.name}: WGSL declares\n  ${wgsl}\nbut TypeScript\n  ${ts}`);
  }
  return complete;
}

/**
 * The bindings, params and overrides of a WGSL source, one line each, bindings in binding order. An override without a
 * type is computed from others there and is nobody's choice.
 */
function describe(source: string): string[] {
  const code = source.replace(/\/\/.*$/gm, '');
  const binding = /@group\(0\)\s*@binding\((\d+)\)\s*var<(uniform|storage,\s*(\w+))>\s*(\w+)\s*:\s*(\w+)/g;
  const bindings = [...code.matchAll(binding)]
    .sort((a, b) => Number(a[1]) - Number(b[1]))
    .map(([, , space, access, name, type]) => (space === 'uniform' ? `${name}: ${type} uniform` : `${name} ${access}`));
  const fields = /struct\s+Params\s*\{([^}]*)\}/.exec(code)?.[1] ?? '';
  const params = fields
    .split(',')
    .map((field) => field.trim().replace(/\s*:\s*/, ': '))
    .filter(Boolean);
  const overrides = [...code.matchAll(/\boverride\s+(\w+)\s*:/g)].map(([, name]) => `override ${name}`);
  return [...bindings, ...params, ...overrides];
}
