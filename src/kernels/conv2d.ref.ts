import type { Reference } from '../program/interpret.ts';

/** The sum of conv2d.wgsl's header, term by term. */
export const conv2d: Reference = ({ x, kernel, columnScale, bias, residual, y }, params) => {
  const { height, width, inChannels, outChannels, size, pad, scale, stride } = params as Params;
  const { isScaled, hasBias, hasResidual } = params as Params;
  const padded = Math.ceil(outChannels / 8) * 8;
  const pixel = (row: number, col: number): number => (row * width + col) * inChannels;
  const rows = scale * Math.floor(height / stride);
  const cols = scale * Math.floor(width / stride);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const [p, q] = [row % scale, col % scale];
      for (let o = 0; o < outChannels; o++) {
        const at = (row * cols + col) * outChannels + o;
        let sum = 0;
        for (let i = 0; i < size; i++) {
          for (let j = 0; j < size; j++) {
            const h = (stride * (row - p)) / scale + i + p - pad;
            const w = (stride * (col - q)) / scale + j + q - pad;
            if (h < 0 || h >= height || w < 0 || w >= width) continue;
            const tap = ((p * scale + q) * size + i) * size + j;
            for (let c = 0; c < inChannels; c++) {
              sum += x![pixel(h, w) + c]! * kernel![(tap * inChannels + c) * padded + o]!;
            }
          }
        }
        const scaled = (isScaled ? columnScale![o]! : 1) * sum;
        y![at] = scaled + (hasBias ? bias![o]! : 0) + (hasResidual ? residual![at]! : 0);
      }
    }
  }
};

/** The same sum, through workgroup memory. */
export const conv2dTiled: Reference = conv2d;

type Params = Record<
  | 'height'
  | 'width'
  | 'inChannels'
  | 'outChannels'
  | 'size'
  | 'pad'
  | 'scale'
  | 'stride'
  | 'isScaled'
  | 'hasBias'
  | 'hasResidual',
  number
>;
