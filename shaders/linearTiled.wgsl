// linearTiled: the sum of linearBlocks.wgsl, through workgroup memory
//
//   x            [rows, inWidth]     f32, row-major
//   weight       [inWidth, outWidth] as lib/weights says; outWidth is a multiple of 4
//   columnScale  [outWidth]          f32, read when isScaled (int8 weights); bias likewise when hasBias
//   residual, y  [rows, outWidth]    f32; residual is read when hasResidual
//   grid         x: 8 · threadCols columns a workgroup, y: 4 · threadRows rows
//
// The variant for GPUs that have workgroup memory. Joined behind lib/weights, lib/activation, lib/terms and
// lib/productTile.

struct Params { rows: u32, inWidth: u32, outWidth: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<Weights4>;
@group(0) @binding(3) var<storage, read> columnScale: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read> residual: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;

override isScaled: bool;
override hasBias: bool;
override hasResidual: bool;

/// Term k of four rows, whose first elements are at `rows`; zero behind the last term.
fn loadRows(rows: vec4u, k: u32) -> vec4f {
  if (k >= params.inWidth) { return vec4f(); }
  return vec4f(x[rows.x + k], x[rows.y + k], x[rows.z + k], x[rows.w + k]);
}

fn store(row: u32, col: u32, sum: vec4f) {
  let width = params.outWidth / 4u;
  if (col >= width) { return; }
  let at = row * width + col;
  var value = sum;
  if (isScaled) { value *= weightUnit * columnScale[col]; }
  if (hasBias) { value += bias[col]; }
  value = vec4f(activate(value.x), activate(value.y), activate(value.z), activate(value.w));
  if (hasResidual) { value += residual[at]; }
  y[at] = value;
}

@compute @workgroup_size(threadCols, threadRows)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let row = 4u * (group.y * threadRows + thread.y);
  let rows = min(row + vec4u(0, 1, 2, 3), vec4u(params.rows - 1u)) * params.inWidth;
  let width = params.outWidth / 4u;
  let firstCol = group.x * rightStride;
  var sums = Sums();
  for (var first = 0u; first < params.inWidth; first += slab) {
    left[thread.x * leftStride + thread.y] = Terms4(loadRows(rows, first + thread.x));
    left[(thread.x + threadCols) * leftStride + thread.y] = Terms4(loadRows(rows, first + thread.x + threadCols));
    for (var i = index; i < slab * rightStride; i += threadRows * threadCols) {
      let k = min(first + i / rightStride, params.inWidth - 1u);
      right[i] = Terms4(widen(weight[k * width + min(firstCol + i % rightStride, width - 1u)]));
    }
    workgroupBarrier();
    multiplySlab(&sums, thread.xy);
    workgroupBarrier();
  }
  let col = firstCol + thread.x;
  // A loop whose end the compiler cannot know: see linear.
  var all = listOf(sums);
  let rowsHere = min(4u, params.rows - min(row, params.rows));
  for (var i = 0u; i < 2u * rowsHere; i++) { store(row + i / 2u, col + threadCols * (i % 2u), all[i]); }
}
