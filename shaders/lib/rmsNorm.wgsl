// rmsNorm: y[r, c] = (x[r, c] / √(mean_c x² + eps) · scale[c] + bias[c]) · (1 + m[s, scaleAt + c]) + m[s, shiftAt + c]
//
//   x, y         [rows, cols] f32, row-major
//   scale, bias  [cols]       f32, read when hasScale, hasBias
//   modulation   [sequences, modulationCols] f32, m above, read when isModulated; row r belongs to
//                s = r / rowsPerSequence modulo sequences
//
// When skipsThird, every third row is passed on as it is: rows that are query, key and value of a token in turn. What
// rmsNorm and rmsNormByRow have in common; they differ in who sums the squares of a row.

struct Params {
  rows: u32, cols: u32, eps: f32, sequences: u32, rowsPerSequence: u32, modulationCols: u32, shiftAt: u32, scaleAt: u32,
}

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

/// What the elements of a row are multiplied by, from the sum of their squares.
fn factorOf(row: u32, squares: f32) -> f32 {
  if (skipsThird && row % 3u == 2u) { return 1.0; }
  return inverseSqrt(squares / f32(params.cols) + params.eps);
}

fn writeNormed(row: u32, c: u32, factor: f32) {
  let at = row * params.cols + c;
  let m = (row / params.rowsPerSequence % params.sequences) * params.modulationCols;
  var v = x[at] * factor;
  if (hasScale) { v *= scale[c]; }
  if (hasBias) { v += bias[c]; }
  if (isModulated) { v = v * (1.0 + modulation[m + params.scaleAt + c]) + modulation[m + params.shiftAt + c]; }
  y[at] = v;
}

