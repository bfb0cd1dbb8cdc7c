import type { Program } from './program.ts';
import type { Tensor } from './tensor.ts';

/** A program as text, one call a line: `y#3[4×8] = linear(x#0[4×2], weight[2×8], …) {rows: 4, …}`. */
export function print({ name, calls }: Program): string {
  const lines = calls.map(({ kernel, tensors, params }) => {
    const of = (access: string): string =>
      Object.entries(kernel.buffers)
        .filter(([, a]) => a === access)
        .map(([binding]) => describe(tensors[binding]!))
        .join(', ');
    const numbers = Object.entries(params).map(([key, value]) => `${key}: ${value}`);
    return `${of('read_write')} = ${kernel.name}(${of('read')}) {${numbers.join(', ')}}`;
  });
  return [`program ${name}: ${calls.length} calls`, ...lines].join('\n');
}

function describe({ label, storage, shape, role }: Tensor): string {
  return `${label}${role === 'scratch' ? `#${storage}` : ''}[${shape.join('×')}]`;
}
