// linear: y[r, c] = activation(Σ_k x[r, k] · weight[k, c] + bias[c]) + residual[r, c]
//
//   x            [rows, inWidth]     f32, row-major
//   weight       [inWidth, outWidth] f32, the layout of the official files
//   bias         [outWidth]          f32, read when hasBias
//   residual, y  [rows, outWidth]    f32; residual is read when hasResidual
//   grid         x: 64 columns a workgroup, y: 8 · threadRows rows; 8 × threadRows threads of 8 × 8 sums each
//
// No barriers and no workgroup memory: 16 loads for 64 multiply-adds, all sums in registers. A thread's columns lie 8
// apart, so that neighbours read neighbours; a thread beyond the edge reads the last row or column and writes nothing.
// Sums run over k in order, in f32. Joined behind lib/activation.wgsl.

struct Params { rows: u32, inWidth: u32, outWidth: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> residual: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

override hasBias: bool;
override hasResidual: bool;
override threadRows: u32;

const threadCols = 8u;

/// Four columns, 8 apart, or the last one where the edge comes first.
fn columnsFrom(first: u32) -> vec4u {
  return min(first + threadCols * vec4u(0, 1, 2, 3), vec4u(params.outWidth - 1u));
}

fn loadBias(cols: vec4u) -> vec4f {
  if (!hasBias) { return vec4f(); }
  return vec4f(bias[cols.x], bias[cols.y], bias[cols.z], bias[cols.w]);
}

fn store(row: u32, col: u32, sum: f32) {
  if (col >= params.outWidth) { return; }
  var value = activate(sum);
  if (hasResidual) { value += residual[row + col]; }
  y[row + col] = value;
}

@compute @workgroup_size(threadCols, threadRows)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let row = 8u * (group.y * threadRows + thread.y);
  let col = 64u * group.x + thread.x;
  let c = columnsFrom(col);
  let d = columnsFrom(col + 4u * threadCols);
  let lastRow = params.rows - 1u;
  let r0 = params.inWidth * min(row, lastRow);
  let r1 = params.inWidth * min(row + 1u, lastRow);
  let r2 = params.inWidth * min(row + 2u, lastRow);
  let r3 = params.inWidth * min(row + 3u, lastRow);
  let r4 = params.inWidth * min(row + 4u, lastRow);
  let r5 = params.inWidth * min(row + 5u, lastRow);
  let r6 = params.inWidth * min(row + 6u, lastRow);
  let r7 = params.inWidth * min(row + 7u, lastRow);

  let near = loadBias(c);
  let far = loadBias(d);
  var near0 = near; var far0 = far;
  var near1 = near; var far1 = far;
  var near2 = near; var far2 = far;
  var near3 = near; var far3 = far;
  var near4 = near; var far4 = far;
  var near5 = near; var far5 = far;
  var near6 = near; var far6 = far;
  var near7 = near; var far7 = far;

  for (var k = 0u; k < params.inWidth; k++) {
    let w = k * params.outWidth;
    let a = vec4f(weight[w + c.x], weight[w + c.y], weight[w + c.z], weight[w + c.w]);
    let b = vec4f(weight[w + d.x], weight[w + d.y], weight[w + d.z], weight[w + d.w]);
    let x0 = x[r0 + k]; near0 += x0 * a; far0 += x0 * b;
    let x1 = x[r1 + k]; near1 += x1 * a; far1 += x1 * b;
    let x2 = x[r2 + k]; near2 += x2 * a; far2 += x2 * b;
    let x3 = x[r3 + k]; near3 += x3 * a; far3 += x3 * b;
    let x4 = x[r4 + k]; near4 += x4 * a; far4 += x4 * b;
    let x5 = x[r5 + k]; near5 += x5 * a; far5 += x5 * b;
    let x6 = x[r6 + k]; near6 += x6 * a; far6 += x6 * b;
    let x7 = x[r7 + k]; near7 += x7 * a; far7 += x7 * b;
  }

  // A loop whose end the compiler cannot know: written out for all rows, this takes software adapters ten seconds.
  var sums = array(
    near0, far0, near1, far1, near2, far2, near3, far3, near4, far4, near5, far5, near6, far6, near7, far7,
  );
  let rowsHere = min(8u, params.rows - min(row, params.rows));
  for (var i = 0u; i < 2u * rowsHere; i++) {
    let at = (row + i / 2u) * params.outWidth;
    let first = col + 4u * threadCols * (i % 2u);
    let sum = sums[i];
    store(at, first, sum.x);
    store(at, first + threadCols, sum.y);
    store(at, first + 2u * threadCols, sum.z);
    store(at, first + 3u * threadCols, sum.w);
  }
}
