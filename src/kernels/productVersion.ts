import conv2dSource from '#shaders/conv2d.wgsl?raw';
import conv2dTiledSource from '#shaders/conv2dTiled.wgsl?raw';
import f16Source from '#shaders/lib/weights/f16.wgsl?raw';
import int8Source from '#shaders/lib/weights/int8.wgsl?raw';
import f16Terms from '#shaders/lib/terms/f16.wgsl?raw';
import tileSource from '#shaders/lib/productTile.wgsl?raw';
import matrixSource from '#shaders/lib/subgroupMatrix.wgsl?raw';
import blocksSource from '#shaders/linearBlocks.wgsl?raw';
import linearMatrixSource from '#shaders/linearMatrix.wgsl?raw';
import tiledSource from '#shaders/linearTiled.wgsl?raw';
import { productVariants } from './productTile.ts';

const linears = [tileSource, f16Terms, blocksSource, tiledSource, matrixSource, linearMatrixSource];
const texts = [...linears, conv2dSource, conv2dTiledSource, f16Source, int8Source];

/** Changes with every text that tuning compared: what was measured with others counts no more. */
export const productVersion = fingerprint([...texts, ...productVariants].join('\n'));

/** 32-bit FNV-1a in hexadecimal. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
