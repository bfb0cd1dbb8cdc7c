// layerNorm: y[r, c] = (x[r, c] − mean_r) · rstd_r · scale[c] + bias[c]
//
//   x, y         [rows, cols] f32, row-major
//   scale, bias  [cols]       f32
//   grid         one workgroup per row; threads stride over the columns
//
// Two passes over the row (mean, then variance about the mean): as exact as the reference, and the row is still in
// cache the second time. Joined behind lib/rowSum.wgsl or lib/rowSumSubgroups.wgsl.

struct Params { rows: u32, cols: u32, eps: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * params.cols;
  let cols = params.cols;

  var sum = 0.0;
  for (var c = thread; c < cols; c += threads) { sum += x[row + c]; }
  let mean = rowSum(sum, thread) / f32(cols);

  var squares = 0.0;
  for (var c = thread; c < cols; c += threads) {
    let d = x[row + c] - mean;
    squares += d * d;
  }
  let rstd = inverseSqrt(rowSum(squares, thread) / f32(cols) + params.eps);

  for (var c = thread; c < cols; c += threads) {
    y[row + c] = (x[row + c] - mean) * rstd * scale[c] + bias[c];
  }
}
