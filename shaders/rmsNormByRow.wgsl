// rmsNormByRow: rmsNorm with a thread for a whole row
//
//   x, y         [rows, cols] f32, row-major
//   scale, bias  [cols]       f32, read when hasScale, hasBias
//   modulation   [sequences, modulationCols] f32, read when isModulated; row r belongs to sequence r / rowsPerSequence
//   grid         8 rows a workgroup, one thread each
//
// For software adapters, where a barrier costs more than a row (see layerNormByRow). The sum runs in order, so that it
// differs from rmsNorm's in the last bits.

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

@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  let row = id.x * params.cols;
  let cols = params.cols;

  var squares = 0.0;
  for (var c = 0u; c < cols; c++) { squares += x[row + c] * x[row + c]; }
  var rscale = inverseSqrt(squares / f32(cols) + params.eps);
  if (skipsThird && id.x % 3u == 2u) { rscale = 1.0; }

  let m = (id.x / params.rowsPerSequence) * params.modulationCols;
  for (var c = 0u; c < cols; c++) {
    var v = x[row + c] * rscale;
    if (hasScale) { v *= scale[c]; }
    if (hasBias) { v += bias[c]; }
    if (isModulated) { v = v * (1.0 + modulation[m + params.scaleAt + c]) + modulation[m + params.shiftAt + c]; }
    y[row + c] = v;
  }
}
