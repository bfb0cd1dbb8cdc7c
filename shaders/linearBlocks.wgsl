// linearBlocks: y[r, c] = activation(columnScale[c] · Σ_k x[r, k] · weight[k, c] + bias[c]) + residual[r, c]
//
//   x            [rows, inWidth]     f32, row-major
//   weight       [inWidth, outWidth] as lib/weights says; outWidth is a multiple of 4
//   columnScale  [outWidth]          f32, read when isScaled (int8 weights); bias likewise when hasBias
//   residual, y  [rows, outWidth]    f32; residual is read when hasResidual
//   grid         x: 16 blocks of 4 columns a workgroup, y: 8 · threadRows rows; 8 × threadRows threads of 8 rows × 2 blocks
//
// linear.wgsl for weights that come in fours: no barriers, no workgroup memory, sums over k in order, in f32. A thread's
// two blocks lie 8 apart; beyond the edge it reads the last row or block and writes nothing. Joined behind lib/weights and
// lib/activation.

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
override threadRows: u32;

const threadBlocks = 8u;

fn store(row: u32, block: u32, sum: vec4f) {
  let blocks = params.outWidth / 4u;
  if (block >= blocks) { return; }
  let at = row * blocks + block;
  var value = sum;
  if (isScaled) { value *= weightUnit * columnScale[block]; }
  if (hasBias) { value += bias[block]; }
  value = vec4f(activate(value.x), activate(value.y), activate(value.z), activate(value.w));
  if (hasResidual) { value += residual[at]; }
  y[at] = value;
}

@compute @workgroup_size(threadBlocks, threadRows)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let row = 8u * (group.y * threadRows + thread.y);
  let blocks = params.outWidth / 4u;
  let block = 2u * threadBlocks * group.x + thread.x;
  let lastRow = params.rows - 1u;
  let r0 = params.inWidth * min(row, lastRow);
  let r1 = params.inWidth * min(row + 1u, lastRow);
  let r2 = params.inWidth * min(row + 2u, lastRow);
  let r3 = params.inWidth * min(row + 3u, lastRow);
  let r4 = params.inWidth * min(row + 4u, lastRow);
  let r5 = params.inWidth * min(row + 5u, lastRow);
  let r6 = params.inWidth * min(row + 6u, lastRow);
  let r7 = params.inWidth * min(row + 7u, lastRow);

  var near0 = vec4f(); var far0 = vec4f();
  var near1 = vec4f(); var far1 = vec4f();
  var near2 = vec4f(); var far2 = vec4f();
  var near3 = vec4f(); var far3 = vec4f();
  var near4 = vec4f(); var far4 = vec4f();
  var near5 = vec4f(); var far5 = vec4f();
  var near6 = vec4f(); var far6 = vec4f();
  var near7 = vec4f(); var far7 = vec4f();

  var nearAt = min(block, blocks - 1u);
  var farAt = min(block + threadBlocks, blocks - 1u);
  for (var k = 0u; k < params.inWidth; k++) {
    let a = widen(weight[nearAt]);
    let b = widen(weight[farAt]);
    let x0 = x[r0 + k]; near0 += x0 * a; far0 += x0 * b;
    let x1 = x[r1 + k]; near1 += x1 * a; far1 += x1 * b;
    let x2 = x[r2 + k]; near2 += x2 * a; far2 += x2 * b;
    let x3 = x[r3 + k]; near3 += x3 * a; far3 += x3 * b;
    let x4 = x[r4 + k]; near4 += x4 * a; far4 += x4 * b;
    let x5 = x[r5 + k]; near5 += x5 * a; far5 += x5 * b;
    let x6 = x[r6 + k]; near6 += x6 * a; far6 += x6 * b;
    let x7 = x[r7 + k]; near7 += x7 * a; far7 += x7 * b;
    nearAt += blocks;
    farAt += blocks;
  }

  // A loop whose end the compiler cannot know: see linear.
  var sums = array(
    near0, far0, near1, far1, near2, far2, near3, far3, near4, far4, near5, far5, near6, far6, near7, far7,
  );
  let rowsHere = min(8u, params.rows - min(row, params.rows));
  for (var i = 0u; i < 2u * rowsHere; i++) { store(row + i / 2u, block + threadBlocks * (i % 2u), sums[i]); }
}
