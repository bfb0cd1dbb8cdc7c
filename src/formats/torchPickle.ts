import type { Dtype } from './dtypes.ts';
import type { PickleRules } from './pickle.ts';
import { PickleBuilt, PickleGlobal, quoted, refusePickle, type PickleList, type PickleValue } from './pickleValues.ts';
import { viewFault, type TensorView } from './tensorView.ts';

/** Where the elements of tensors lie: an entry of the zip, or a block at the end of a legacy file. */
export class TorchStorage extends PickleBuilt {
  readonly kind = 'storage';
  readonly key: string;
  readonly dtype: Dtype;
  /** Of the whole storage. */
  readonly elements: number;
  constructor(key: string, dtype: Dtype, elements: number) {
    super();
    this.key = key;
    this.dtype = dtype;
    this.elements = elements;
  }
}

/** A part of a storage, as very old files name it; only legacy files hold such. */
class StoragePart extends PickleBuilt {
  readonly kind = 'part';
  readonly storage: TorchStorage;
  readonly offset: number;
  readonly elements: number;
  constructor(storage: TorchStorage, offset: number, elements: number) {
    super();
    this.storage = storage;
    this.offset = offset;
    this.elements = elements;
  }
}

/** A checked view of a storage. */
export class TorchView extends PickleBuilt {
  readonly kind = 'tensor';
  readonly storage: TorchStorage;
  readonly view: TensorView;
  constructor(storage: TorchStorage, view: TensorView) {
    super();
    this.storage = storage;
    this.view = view;
  }
}

const storageDtypes: ReadonlyMap<string, Dtype> = new Map([
  ['DoubleStorage', 'F64'],
  ['FloatStorage', 'F32'],
  ['HalfStorage', 'F16'],
  ['BFloat16Storage', 'BF16'],
  ['LongStorage', 'I64'],
  ['IntStorage', 'I32'],
  ['ShortStorage', 'I16'],
  ['CharStorage', 'I8'],
  ['ByteStorage', 'U8'],
  ['BoolStorage', 'BOOL'],
]);

/** Builds tensors from the pickle of a PyTorch file, and gathers the storages that they lie in. */
export class TorchPickleRules implements PickleRules {
  readonly storages = new Map<string, TorchStorage>();
  private readonly fileName: string;
  constructor(fileName: string) {
    this.fileName = fileName;
  }

  construct(name: string, args: PickleList): PickleValue | undefined {
    switch (name) {
      case 'torch._utils._rebuild_tensor':
      case 'torch._utils._rebuild_tensor_v2':
        return this.tensor(args);
      case 'torch._utils._rebuild_parameter':
      case 'torch._utils._rebuild_parameter_with_state':
      case 'torch.nn.parameter.Parameter':
        return args[0] instanceof TorchView ? args[0] : undefined;
      case 'torch._tensor._rebuild_from_type_v2':
        return this.ofType(args);
      case 'torch.Size':
        return args[0];
      default:
        return undefined;
    }
  }

  /** ('storage', storage type, key, location, elements, part) or, in legacy files, ('module', …). */
  persistent(id: PickleValue): PickleValue {
    if (!Array.isArray(id) || (id[0] !== 'storage' && id[0] !== 'module')) {
      return this.refuse('a persistent id that names no storage');
    }
    if (id[0] === 'module') return id[1] ?? null;
    const [, type, key, , elements, part] = id;
    if (!(type instanceof PickleGlobal) || typeof key !== 'string' || !isCount(elements)) {
      return this.refuse('a storage without type, key or length');
    }
    const storage = this.storage(type.name, key, elements);
    if (part === undefined || part === null) return storage;
    if (!Array.isArray(part) || !isCount(part[1]) || !isCount(part[2]))
      return this.refuse('a malformed part of a storage');
    return new StoragePart(storage, part[1], part[2]);
  }

  private storage(typeName: string, key: string, elements: number): TorchStorage {
    const dtype = typeName.startsWith('torch.') ? storageDtypes.get(typeName.split('.').at(-1)!) : undefined;
    if (dtype === undefined) return this.refuse(`the unsupported storage dtype ${quoted(typeName)}`);
    const known = this.storages.get(key);
    if (known === undefined) {
      const storage = new TorchStorage(key, dtype, elements);
      this.storages.set(key, storage);
      return storage;
    }
    if (known.dtype !== dtype || known.elements !== elements) {
      const conflict = `${known.elements} × ${known.dtype} and as ${elements} × ${dtype}`;
      this.refuse(`the storage ${quoted(key)} in conflict with itself: used as ${conflict}`);
    }
    return known;
  }

  /** (storage, offset, shape, strides, …): what is behind them does not change the values. */
  private tensor([source, offset, shape, strides]: PickleList): TorchView {
    if (!(source instanceof TorchStorage) && !(source instanceof StoragePart)) {
      return this.refuse('a tensor without a storage');
    }
    const storage = source instanceof TorchStorage ? source : source.storage;
    const first = source instanceof StoragePart ? source.offset : 0;
    const { dtype } = storage;
    const fault = viewFault({ dtype, storageElements: source.elements, offset, shape, strides });
    if (fault !== undefined || first + source.elements > storage.elements) {
      return this.refuse(`a tensor in storage ${quoted(storage.key)} with ${fault ?? 'a part beyond its storage'}`);
    }
    // Copied: the lists could be changed by what comes later in the pickle.
    return new TorchView(storage, {
      dtype,
      storageElements: storage.elements,
      offset: first + (offset as number),
      shape: [...(shape as number[])],
      strides: [...(strides as number[])],
    });
  }

  /** (function, type, args, state): the function is looked up in this list like any other, never called. */
  private ofType([callee, , args]: PickleList): PickleValue | undefined {
    if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) return undefined;
    return callee.name.startsWith('torch._utils._rebuild_') ? this.construct(callee.name, args) : undefined;
  }

  private refuse(what: string): never {
    return refusePickle(this.fileName, `its pickle has ${what}`);
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
