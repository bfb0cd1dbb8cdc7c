// conv2d: y[s·h + p, s·w + q, o] = bias[o] + residual[…]
//           + columnScale[o] · Σ_{i, j, c} x[stride · h + i + p − pad, stride · w + j + q − pad, c] · kernel[phase, i, j, c, o]
//
//   x         [height, width, inChannels]                       f32; zero outside the picture
//   kernel    [scale², size, size, inChannels, paddedChannels]  as lib/weights says; paddedChannels is outChannels
//             rounded up to 8
//   columnScale  [paddedChannels]                              f32; read only if isScaled (int8 weights)
//   bias      [outChannels]                                     f32; read only if hasBias
//   residual  as y                                              f32; read only if hasResidual
//   y         [scale · ⌊height / stride⌋, scale · ⌊width / stride⌋, outChannels]  f32
//   grid      16 threads: `across` blocks of 8 channels (1, 2 or 4, as there are) × 16 / across tiles of 8 pixels of a row
//             x: tiles, the phases p, q < scale one after the other; y: blocks
//
// One invocation computes 8 pixels of one row × 8 channels in registers: 24 loads for 64 multiply-adds, no barrier, no
// workgroup memory. scale = 1 is an ordinary convolution (phase 0); with scale = 2 the kernel holds the four phases of
// "nearest × 2, then 3 × 3"; stride = 2 halves the picture. Choices are params and not overrides because they stay
// outside the inner loop and because every pipeline of this size costs a software adapter about half a second to
// compile. Joined behind lib/weights.

struct Params {
  height: u32, width: u32, inChannels: u32, outChannels: u32,
  size: u32, pad: u32, scale: u32, stride: u32, isScaled: u32, hasBias: u32, hasResidual: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> kernel: array<Weights4>;
@group(0) @binding(3) var<storage, read> columnScale: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;

const tile = 8u;

/// Where the row of a source pixel begins in x; `inside` says whether there is one.
struct Source { at: u32, inside: bool }

fn source(row: u32, col: u32) -> Source {
  let inside = col < params.width; // a column left of the picture has wrapped around
  return Source(select(0u, (row * params.width + col) * params.inChannels, inside), inside);
}

/// Channel c of a source pixel, zero outside the picture.
fn load(pixel: Source, c: u32) -> f32 {
  return select(0.0, x[pixel.at + c], pixel.inside);
}

/// Add bias and residual to 8 channels of a pixel and store those that exist.
fn store(pixel: u32, channel: u32, sums: mat2x4f) {
  let at = pixel * params.outChannels;
  for (var i = 0u; i < 8u; i++) {
    let o = channel + i;
    if (o >= params.outChannels) { return; }
    var value = sums[i / 4u][i % 4u];
    if (params.isScaled != 0u) { value *= weightUnit * columnScale[o]; }
    if (params.hasBias != 0u) { value += bias[o]; }
    if (params.hasResidual != 0u) { value += residual[at + o]; }
    y[at + o] = value;
  }
}

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let blocks = (params.outChannels + 7u) / 8u;
  let across = select(select(1u, 2u, blocks >= 2u), 4u, blocks >= 4u);
  let block = group.y * across + thread % across;
  let index = group.x * (16u / across) + thread / across;
  let height = params.height / params.stride;
  let width = params.width / params.stride;
  let tiles = (width + tile - 1u) / tile;
  let phase = index / (tiles * height);
  if (phase >= params.scale * params.scale || block >= blocks) { return; }
  let row = (index / tiles) % height;
  let col = (index % tiles) * tile;
  let phaseRow = phase / params.scale;
  let phaseCol = phase % params.scale;

  var sum0 = mat2x4f(); var sum1 = mat2x4f(); var sum2 = mat2x4f(); var sum3 = mat2x4f();
  var sum4 = mat2x4f(); var sum5 = mat2x4f(); var sum6 = mat2x4f(); var sum7 = mat2x4f();

  for (var tap = 0u; tap < params.size * params.size; tap++) {
    let sourceRow = row * params.stride + tap / params.size + phaseRow - params.pad;
    if (sourceRow >= params.height) { continue; } // above the picture it has wrapped around
    let sourceCol = col * params.stride + tap % params.size + phaseCol - params.pad;
    let s0 = source(sourceRow, sourceCol);
    let s1 = source(sourceRow, sourceCol + params.stride);
    let s2 = source(sourceRow, sourceCol + 2u * params.stride);
    let s3 = source(sourceRow, sourceCol + 3u * params.stride);
    let s4 = source(sourceRow, sourceCol + 4u * params.stride);
    let s5 = source(sourceRow, sourceCol + 5u * params.stride);
    let s6 = source(sourceRow, sourceCol + 6u * params.stride);
    let s7 = source(sourceRow, sourceCol + 7u * params.stride);
    var k = ((phase * params.size * params.size + tap) * params.inChannels * blocks + block) * 2u;
    for (var c = 0u; c < params.inChannels; c++) {
      let weights = mat2x4f(widen(kernel[k]), widen(kernel[k + 1u]));
      sum0 += load(s0, c) * weights;
      sum1 += load(s1, c) * weights;
      sum2 += load(s2, c) * weights;
      sum3 += load(s3, c) * weights;
      sum4 += load(s4, c) * weights;
      sum5 += load(s5, c) * weights;
      sum6 += load(s6, c) * weights;
      sum7 += load(s7, c) * weights;
      k += blocks * 2u;
    }
  }

  let sums = array(sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7);
  let first = (row * params.scale + phaseRow) * width * params.scale + phaseCol;
  for (var i = 0u; i < tile && col + i < width; i++) {
    store(first + (col + i) * params.scale, block * 8u, sums[i]);
  }
}
