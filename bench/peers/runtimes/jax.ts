import * as jax from '@jax-js/jax';
import { outFirst } from '../onnx/networks.ts';
import { channelsFirst, channelsLast, type Runtime } from './runtime.ts';

/** jax-js on WebGPU: generated kernels for single products and convolutions, just in time compiled. */
export async function jaxJs(): Promise<Runtime> {
  if (!(await jax.init('webgpu')).includes('webgpu')) throw new Error('jax-js found no WebGPU');
  jax.defaultDevice('webgpu');
  const array = (values: Float32Array<ArrayBuffer>, shape: number[]): jax.Array => jax.numpy.array(values, { shape });
  return {
    name: 'jax-js WebGPU',
    notes: () => ({ floats: 'float32' }),
    async kernel(shape, operands) {
      let x: jax.Array;
      let weight: jax.Array;
      let compute: (x: jax.Array, weight: jax.Array) => jax.Array;
      if (shape.kind === 'product') {
        x = array(operands.x, [shape.rows, shape.inWidth]);
        weight = array(operands.weight, [shape.inWidth, shape.outWidth]);
        compute = jax.jit((a: jax.Array, b: jax.Array) => jax.numpy.matmul(a, b));
      } else {
        const { side, inChannels, outChannels } = shape;
        x = array(channelsFirst(operands.x, inChannels), [1, inChannels, side, side]);
        weight = array(outFirst(operands.weight, [3, inChannels, outChannels]), [outChannels, inChannels, 3, 3]);
        compute = jax.jit((a: jax.Array, b: jax.Array) => jax.lax.conv(a, b, [1, 1], 'SAME'));
      }
      let last: jax.Array | undefined;
      return {
        async submit() {
          last?.dispose();
          last = await compute(x.ref, weight.ref).blockUntilReady();
        },
        async read() {
          const values = (await last!.ref.data()) as Float32Array;
          return shape.kind === 'product' ? values : channelsLast(values, shape.outChannels);
        },
      };
    },
  };
}
