import { Failure } from '../core/failure.ts';

/** Reached by hostile names; no key of a state dict is one of them. */
export const refusedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** What a pickle can hold here. Lists, tuples and sets are arrays; whatever we do not know stays a stub. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleDict
  | PickleGlobal
  | PickleStub
  | PickleBuilt
  | PickleList;
export interface PickleList extends Array<PickleValue> {}

/** A Python dict or OrderedDict. */
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
}

/** A class or function that the pickle names: its name as text, never anything that could be called. */
export class PickleGlobal {
  /** `module.name`. */
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** What calling something unknown would have made: the name and what it was given, inert. */
export class PickleStub extends PickleDict {
  readonly name: string;
  readonly args: PickleValue;
  state: PickleValue = null;
  readonly items: PickleList = [];
  constructor(name: string, args: PickleValue) {
    super();
    this.name = name;
    this.args = args;
  }
}

/** Base of what listed constructors build (tensors, storages). */
export abstract class PickleBuilt {
  abstract readonly kind: string;
}

/** Python packages that run code, reach the machine or the interpreter. */
const deniedPackages: ReadonlySet<string> = new Set(
  `os posix nt posixpath ntpath subprocess commands popen2 pty sys runpy socket ssl shutil webbrowser ctypes _ctypes
  cffi importlib _frozen_importlib imp _imp zipimport pkgutil code codeop pdb bdb cProfile profile timeit trace
  multiprocessing _posixsubprocess asyncio signal atexit gc inspect marshal pickle _pickle cPickle shelve tempfile
  glob fileinput platform pip ensurepip venv site setuptools distutils urllib urllib2 http httplib ftplib smtplib
  telnetlib requests xmlrpc antigravity`.split(/\s+/),
);
/** Names that are dangerous wherever they stand: `torch.serialization.os.system` is `os.system`. */
const deniedAnywhere: ReadonlySet<string> = new Set(
  `os posix nt subprocess sys builtins __builtin__ __builtins__ __import__ __globals__ __subclasses__ __mro__ __class__
  eval exec execfile getattr setattr __proto__ constructor prototype`.split(/\s+/),
);
/** Types of the language itself; its functions (eval, getattr, open, …) are refused. */
const allowedBuiltins: ReadonlySet<string> = new Set(
  'object dict list set frozenset tuple bool int long float complex str unicode bytes bytearray slice range xrange'.split(
    ' ',
  ),
);

/** Whether naming this global is reason enough to refuse the file, although nothing would be called. */
export function isDeniedGlobal(module: string, name: string): boolean {
  if (module === 'builtins' || module === '__builtin__') return !allowedBuiltins.has(name);
  const parts = `${module}.${name}`.split('.');
  return deniedPackages.has(parts[0]!) || parts.some((part) => deniedAnywhere.has(part));
}

/** A stranger's text for an error message: short and on one line. */
export function quoted(text: string, limit = 120): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is removed
  const plain = text.slice(0, limit).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '·');
  return text.length > limit ? `${plain}…` : plain;
}

/** @throws Failure BadFile: the file, the cause, and what to do. */
export function refusePickle(fileName: string, cause: string, advice = 'get the file again'): never {
  throw new Failure('BadFile', `${fileName}: ${cause}; ${advice}.`);
}
