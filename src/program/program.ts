import { plainCapabilities, type Target } from './capabilities.ts';
import type { Call, Kernel } from './kernel.ts';
import type { WeightRecipe } from './recipe.ts';
import { sizeOf, type Dtype, type Tensor } from './tensor.ts';

/** Tensors and calls in order: data that can be compiled, interpreted, printed and counted. */
export interface Program {
  readonly name: string;
  readonly calls: readonly Call[];
  /** Every tensor that a call touches, one per storage. */
  readonly tensors: readonly Tensor[];
  /** How each weight comes from the model's files, by the weight's label. */
  readonly recipes: ReadonlyMap<string, WeightRecipe>;
  /** Storages of scratch tensors whose last value must survive the replay. */
  readonly kept: ReadonlySet<number>;
}

/** What models and kernels write to. Touches no GPU. */
export class Recorder {
  readonly capabilities: Target;
  readonly #calls: Call[] = [];
  readonly #tensors: Tensor[] = [];
  readonly #named = new Map<string, Tensor>();
  readonly #recipes = new Map<string, WeightRecipe>();
  readonly #kept = new Set<number>();
  /** How many entries at most the list has that rows of a storage follow. */
  readonly #listed = new Map<number, number>();

  constructor(capabilities: Target = plainCapabilities) {
    this.capabilities = capabilities;
  }

  /** A weight by its name in the file, or one made from others by `recipe`. Asking twice gives the same tensor. */
  weight(
    name: string,
    shape: readonly number[],
    recipe: WeightRecipe = { kind: 'stored', name },
    dtype: Dtype = 'f32',
  ): Tensor {
    this.#recipes.set(name, recipe);
    return this.#nameOnce(name, dtype, shape, 'weight');
  }

  /** Named memory that outlives a replay; programs of one model share it by name. */
  state(name: string, shape: readonly number[], dtype: Dtype): Tensor {
    return this.#nameOnce(name, dtype, shape, 'state');
  }

  /** Memory between two calls. Its contents before the first write are unspecified. */
  scratch(label: string, shape: readonly number[], dtype: Dtype = 'f32'): Tensor {
    return this.#add({ label, dtype, shape, role: 'scratch' });
  }

  /** The same bytes under another shape of the same size. */
  reshape(tensor: Tensor, shape: readonly number[]): Tensor {
    if (sizeOf(shape) !== sizeOf(tensor.shape)) {
      throw new Error(`${tensor.label}: [${tensor.shape.join(', ')}] cannot be reshaped to [${shape.join(', ')}]`);
    }
    return { ...tensor, shape };
  }

  /** Keep a scratch tensor readable after the replay: its memory is shared with nothing. */
  keep(tensor: Tensor): Tensor {
    this.#kept.add(tensor.storage);
    return tensor;
  }

  /**
   * Say that a tensor is a list whose entries count up to a number that the host knows when it replays (`Plan.run`), and
   * mean nothing behind it. Rows that a call computes from it follow the list too, and so do the rows computed from those;
   * such calls are cut to the entries that there are. The entries are the tensor's rows.
   */
  list(tensor: Tensor): Tensor {
    this.#listed.set(tensor.storage, tensor.shape[0]!);
    return tensor;
  }

  /** Record a call. Every binding, param and constant of the kernel must be given, under its WGSL name. */
  run<B extends string, P extends string, C extends string>(
    kernel: Kernel<B, P, C>,
    tensors: Readonly<Record<NoInfer<B>, Tensor>>,
    params: Readonly<Record<NoInfer<P>, number>>,
    ...[constants]: [C] extends [never] ? [] : [constants: Readonly<Record<NoInfer<C>, number>>]
  ): void {
    const plain = kernel as unknown as Kernel;
    refuseAliases(plain, tensors);
    const entries = this.#followList(plain, tensors);
    const listed = entries !== undefined && kernel.rows !== undefined && { rowsAnEntry: params[kernel.rows] / entries };
    this.#calls.push({ kernel: plain, tensors, params, constants: constants ?? {}, ...listed });
  }

  /** Entries of the list that the call's rows follow, if they do; what it writes between two calls then follows too. */
  #followList({ buffers }: Kernel, tensors: Readonly<Record<string, Tensor>>): number | undefined {
    const bound = (access: string): Tensor[] =>
      Object.keys(buffers).flatMap((name) => (buffers[name] === access ? [tensors[name]!] : []));
    const list = bound('read').find(({ storage }) => this.#listed.has(storage));
    if (list === undefined) return undefined;
    const entries = this.#listed.get(list.storage)!;
    for (const { role, storage } of bound('read_write')) if (role === 'scratch') this.#listed.set(storage, entries);
    return entries;
  }

  finish(name: string): Program {
    const touched = new Set(this.#calls.flatMap(({ tensors }) => Object.values(tensors).map((t) => t.storage)));
    return {
      name,
      calls: [...this.#calls],
      tensors: this.#tensors.filter((t) => touched.has(t.storage)),
      recipes: new Map(this.#recipes),
      kept: new Set(this.#kept),
    };
  }

  #nameOnce(label: string, dtype: Dtype, shape: readonly number[], role: 'weight' | 'state'): Tensor {
    const known = this.#named.get(label);
    if (known === undefined) {
      const tensor = this.#add({ label, dtype, shape, role });
      this.#named.set(label, tensor);
      return tensor;
    }
    if (known.role !== role || known.dtype !== dtype || known.shape.join() !== shape.join()) {
      throw new Error(
        `${label} is ${known.role} ${known.dtype} [${known.shape.join(', ')}], asked as ${role} ${dtype} [${shape.join(', ')}]`,
      );
    }
    return known;
  }

  #add(tensor: Omit<Tensor, 'id' | 'storage'>): Tensor {
    const id = this.#tensors.length;
    const made: Tensor = { ...tensor, id, storage: id };
    this.#tensors.push(made);
    return made;
  }
}

/** WebGPU forbids one buffer as read-only and writable in the same dispatch; say so while recording, by name. */
function refuseAliases(kernel: Kernel, tensors: Readonly<Record<string, Tensor>>): void {
  const entries = Object.entries(kernel.buffers).map(([binding, access]) => ({
    binding,
    access,
    tensor: tensors[binding],
  }));
  for (const { binding, access, tensor } of entries) {
    if (tensor === undefined) throw new Error(`kernel ${kernel.name}: no tensor for binding ${binding}`);
    if (access !== 'read_write') continue;
    const other = entries.find((e) => e.binding !== binding && e.tensor?.storage === tensor.storage);
    if (other !== undefined)
      throw new Error(`kernel ${kernel.name}: ${binding} and ${other.binding} are both ${tensor.label}`);
  }
}
