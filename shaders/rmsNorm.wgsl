// rmsNorm: y[r, c] = (x[r, c] / √(mean_c x² + eps) · scale[c] + bias[c]) · (1 + m[s, scaleAt + c]) + m[s, shiftAt + c]
//
//   x, y         [rows, cols] f32, row-major
//   scale, bias  [cols]       f32, read when hasScale, hasBias
//   modulation   [sequences, modulationCols] f32, m above, read when isModulated; row r belongs to s = r / rowsPerSequence
//   grid         one workgroup per row; threads stride over the columns
//
// When skipsThird, every third row is passed on as it is: rows that are query, key and value of a token in turn. Sums
// in f32.

struct Params { rows: u32, cols: u32, eps: f32, rowsPerSequence: u32, modulationCols: u32, shiftAt: u32, scaleAt: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> modulation: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

override hasScale: bool;
override hasBias: bool;
override isModulated: bool;
override skipsThird: bool;

const threads = 64u;
var<workgroup> partial: array<f32, threads>;

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * params.cols;
  let cols = params.cols;

  var squares = 0.0;
  for (var c = thread; c < cols; c += threads) { squares += x[row + c] * x[row + c]; }
  partial[thread] = squares;
  workgroupBarrier();
  for (var half = threads / 2u; half > 0u; half /= 2u) {
    if (thread < half) { partial[thread] += partial[thread + half]; }
    workgroupBarrier();
  }
  var rscale = inverseSqrt(partial[0] / f32(cols) + params.eps);
  if (skipsThird && group.x % 3u == 2u) { rscale = 1.0; }

  let m = (group.x / params.rowsPerSequence) * params.modulationCols;
  for (var c = thread; c < cols; c += threads) {
    var v = x[row + c] * rscale;
    if (hasScale) { v *= scale[c]; }
    if (hasBias) { v += bias[c]; }
    if (isModulated) { v = v * (1.0 + modulation[m + params.scaleAt + c]) + modulation[m + params.shiftAt + c]; }
    y[row + c] = v;
  }
}
