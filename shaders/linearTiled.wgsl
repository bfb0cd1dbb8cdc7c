// linearTiled: y[r, c] = activation(Σ_k x[r, k] · weight[k, c] + bias[c]) + residual[r, c], through workgroup memory
//
//   x            [rows, inWidth]     f32, row-major
//   weight       [inWidth, outWidth] f32; outWidth is a multiple of 4
//   bias         [outWidth]          f32, read when hasBias
//   residual, y  [rows, outWidth]    f32; residual is read when hasResidual
//   grid         x: 8 · threadCols columns a workgroup, y: 4 · threadRows rows
//
// The variant of linear.wgsl for GPUs that have workgroup memory. Joined behind lib/activation and lib/productTile.

struct Params { rows: u32, inWidth: u32, outWidth: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read> residual: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

override hasBias: bool;
override hasResidual: bool;

/// Term k of four rows, whose first elements are at `rows`; zero behind the last term.
fn loadRows(rows: vec4u, k: u32) -> vec4f {
  if (k >= params.inWidth) { return vec4f(); }
  return vec4f(x[rows.x + k], x[rows.y + k], x[rows.z + k], x[rows.w + k]);
}

fn store(row: u32, col: u32, sum: vec4f) {
  let width = params.outWidth / 4u;
  if (row >= params.rows || col >= width) { return; }
  let at = row * width + col;
  var value = sum;
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
    left[thread.x * leftStride + thread.y] = loadRows(rows, first + thread.x);
    left[(thread.x + threadCols) * leftStride + thread.y] = loadRows(rows, first + thread.x + threadCols);
    for (var i = index; i < slab * rightStride; i += threadRows * threadCols) {
      let k = min(first + i / rightStride, params.inWidth - 1u);
      right[i] = weight[k * width + min(firstCol + i % rightStride, width - 1u)];
    }
    workgroupBarrier();
    multiplySlab(&sums, thread.xy);
    workgroupBarrier();
  }
  let near = firstCol + thread.x;
  let far = near + threadCols;
  store(row, near, sums.near0); store(row, far, sums.far0);
  store(row + 1u, near, sums.near1); store(row + 1u, far, sums.far1);
  store(row + 2u, near, sums.near2); store(row + 2u, far, sums.far2);
  store(row + 3u, near, sums.near3); store(row + 3u, far, sums.far3);
}
