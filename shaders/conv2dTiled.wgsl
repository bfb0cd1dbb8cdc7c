// conv2dTiled: the sum of conv2d.wgsl, as a product through workgroup memory
//
//   x         [height, width, inChannels]                       f32; zero outside the picture
//   kernel    [scale², size, size, inChannels, paddedChannels]  as lib/weights says; paddedChannels is outChannels
//             rounded up to 8
//   columnScale  [paddedChannels]                              f32; read when isScaled (int8 weights)
//   bias      [outChannels]                                     f32; read when hasBias; outChannels is a multiple of 4
//   residual  as y                                              f32; read when hasResidual
//   y         [scale · ⌊height / stride⌋, scale · ⌊width / stride⌋, outChannels]  f32
//   grid      x: 8 · threadCols channels a workgroup, y: 4 · threadRows pixels of a phase, in row-major order, z: phases
//
// Rows of the product are pixels, its terms are taps × input channels: a pixel's value is loaded once a tap for all
// channels of the tile. The variant of conv2d.wgsl for GPUs that have workgroup memory; scale, stride and phases are
// explained there. Joined behind lib/weights, lib/terms and lib/productTile.

struct Params {
  height: u32, width: u32, inChannels: u32, outChannels: u32,
  size: u32, pad: u32, scale: u32, stride: u32, isScaled: u32, hasBias: u32, hasResidual: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> kernel: array<Weights4>;
@group(0) @binding(3) var<storage, read> columnScale: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read> residual: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;

/// Where four source pixels begin in x, and which of them lie within the picture.
struct Sources { at: vec4u, inside: vec4<bool> }

/// The sources of four output pixels for one tap; rows and columns before the picture have wrapped around.
fn sourcesOf(rows: vec4u, cols: vec4u, tap: vec2u) -> Sources {
  let h = rows + tap.x - params.pad;
  let w = cols + tap.y - params.pad;
  let inside = (h < vec4u(params.height)) & (w < vec4u(params.width));
  return Sources(select(vec4u(), (h * params.width + w) * params.inChannels, inside), inside);
}

/// Channel c of four source pixels; zero outside the picture and behind the last channel.
fn loadPixels(sources: Sources, c: u32) -> vec4f {
  if (c >= params.inChannels) { return vec4f(); }
  let at = sources.at + c;
  return select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), sources.inside);
}

/// `pixel` counts the pixels of a phase.
fn store(pixel: u32, phase: vec2u, block: u32, sum: vec4f) {
  let width = params.width / params.stride;
  let blocks = params.outChannels / 4u;
  if (block >= blocks) { return; }
  let row = pixel / width * params.scale + phase.x;
  let col = pixel % width * params.scale + phase.y;
  let at = (row * width * params.scale + col) * blocks + block;
  var value = sum;
  if (params.isScaled != 0u) { value *= weightUnit * columnScale[block]; }
  if (params.hasBias != 0u) { value += bias[block]; }
  if (params.hasResidual != 0u) { value += residual[at]; }
  y[at] = value;
}

@compute @workgroup_size(threadCols, threadRows)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let width = params.width / params.stride;
  let phase = vec2u(group.z / params.scale, group.z % params.scale);
  let pixel = 4u * (group.y * threadRows + thread.y);
  let pixels = min(pixel + vec4u(0, 1, 2, 3), vec4u(width * (params.height / params.stride) - 1u));
  let rows = pixels / width * params.stride;
  let cols = pixels % width * params.stride;
  let blocks = (params.outChannels + 7u) / 8u * 2u;
  let firstBlock = group.x * rightStride;
  let taps = params.size * params.size;
  var sums = Sums();
  for (var tap = 0u; tap < taps; tap++) {
    let sources = sourcesOf(rows, cols, phase + vec2u(tap / params.size, tap % params.size));
    let firstTerm = (group.z * taps + tap) * params.inChannels;
    for (var first = 0u; first < params.inChannels; first += slab) {
      left[thread.x * leftStride + thread.y] = Terms4(loadPixels(sources, first + thread.x));
      let far = loadPixels(sources, first + thread.x + threadCols);
      left[(thread.x + threadCols) * leftStride + thread.y] = Terms4(far);
      for (var i = index; i < slab * rightStride; i += threadRows * threadCols) {
        let term = firstTerm + min(first + i / rightStride, params.inChannels - 1u);
        right[i] = Terms4(widen(kernel[term * blocks + min(firstBlock + i % rightStride, blocks - 1u)]));
      }
      workgroupBarrier();
      multiplySlab(&sums, thread.xy);
      workgroupBarrier();
    }
  }
  let block = firstBlock + thread.x;
  // A loop whose end the compiler cannot know: see linear.
  var all = listOf(sums);
  let count = width * (params.height / params.stride);
  let pixelsHere = min(4u, count - min(pixel, count));
  for (var i = 0u; i < 2u * pixelsHere; i++) { store(pixel + i / 2u, phase, block + threadCols * (i % 2u), all[i]); }
}
