// linearMatrix: y[r, c] = activation(columnScale[c] · Σ_k x[r, k] · weight[k, c] + bias[c]) + residual[r, c]
//
//   x            [rows, inWidth]     f32, row-major
//   weight       [inWidth, outWidth] as lib/weights says; outWidth is a multiple of 4
//   columnScale  [outWidth]          f32, read when isScaled (int8 weights); bias likewise when hasBias
//   residual, y  [rows, outWidth]    f32; residual is read when hasResidual
//   grid         x: 64 columns a workgroup, y: 64 rows; lanes × 4 threads, lanes being the size of a subgroup, or the
//                largest that the adapter may take
//
// The variant for adapters with subgroup matrices. Both operands are rounded to f16 on their way into workgroup memory;
// sums are f32. Each of four subgroups holds 32 × 32 sums; where subgroups turn out smaller than the largest, those left
// over only carry. Sums leave through a patch of workgroup memory, because what a lane holds of a matrix is its own
// affair. Joined behind lib/weights, lib/activation, the shape of a matrix and lib/subgroupMatrix.

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

const tile = 64u;
const slab = 32u;
/// Rows and columns of a subgroup, and how many matrices that is.
const share = 32u;
const across = share / matrixCols;
const down = share / matrixRows;
const shares = 4u;
const threads = shares * lanes;
const patchSize = matrixRows * matrixCols;

/// [tile, slab] rows of x; a stride of eight more, so that rows begin in different banks
const leftStride = slab + 8u;
var<workgroup> left: array<Half, tile * leftStride>;
/// [slab, tile] rows of the weight
const rightStride = tile + 8u;
var<workgroup> right: array<Half, slab * rightStride>;
/// [shares, matrixRows, matrixCols]
var<workgroup> patches: array<f32, shares * patchSize>;

/// f16 has no more than this; beyond it the sum is wrong, but it is a number.
const most = 65504.0;

fn fillLeft(firstRow: u32, firstTerm: u32, index: u32) {
  for (var i = index; i < tile * slab; i += threads) {
    let row = min(firstRow + i / slab, params.rows - 1u);
    let k = firstTerm + i % slab;
    let value = select(0.0, x[row * params.inWidth + min(k, params.inWidth - 1u)], k < params.inWidth);
    left[i / slab * leftStride + i % slab] = Half(clamp(value, -most, most));
  }
}

fn fillRight(firstTerm: u32, firstBlock: u32, index: u32) {
  let blocks = params.outWidth / 4u;
  for (var i = index; i < slab * tile / 4u; i += threads) {
    let k = min(firstTerm + i / (tile / 4u), params.inWidth - 1u);
    let value = widen(weight[k * blocks + min(firstBlock + i % (tile / 4u), blocks - 1u)]);
    let at = i / (tile / 4u) * rightStride + i % (tile / 4u) * 4u;
    right[at] = Half(value.x);
    right[at + 1u] = Half(value.y);
    right[at + 2u] = Half(value.z);
    right[at + 3u] = Half(value.w);
  }
}

fn store(row: u32, block: u32, sum: vec4f) {
  let blocks = params.outWidth / 4u;
  if (row >= params.rows || block >= blocks) { return; }
  let at = row * blocks + block;
  var value = sum;
  if (isScaled) { value *= weightUnit * columnScale[block]; }
  if (hasBias) { value += bias[block]; }
  value = vec4f(activate(value.x), activate(value.y), activate(value.z), activate(value.w));
  if (hasResidual) { value += residual[at]; }
  y[at] = value;
}

/// Write the i-th matrix of every subgroup.
fn storePatches(firstRow: u32, firstCol: u32, i: u32, index: u32) {
  for (var j = index; j < shares * patchSize / 4u; j += threads) {
    let at = j * 4u;
    let mine = at / patchSize;
    let row = firstRow + mine / 2u * share + i / across * matrixRows + at % patchSize / matrixCols;
    let col = firstCol + mine % 2u * share + i % across * matrixCols + at % matrixCols;
    store(row, col / 4u, vec4f(patches[at], patches[at + 1u], patches[at + 2u], patches[at + 3u]));
  }
}

@compute @workgroup_size(lanes, shares)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) mine: u32,
) {
  let firstRow = group.y * tile;
  let firstCol = group.x * tile;
  let leftAt = mine / 2u * share * leftStride;
  let rightAt = mine % 2u * share;
  var sums: array<Product, across * down>;
  for (var first = 0u; first < params.inWidth; first += slab) {
    fillLeft(firstRow, first, index);
    fillRight(first, firstCol / 4u, index);
    workgroupBarrier();
    if (mine < shares) {
      for (var k = 0u; k < slab; k += matrixTerms) {
        var rows: array<Left, down>;
        for (var r = 0u; r < down; r++) { rows[r] = loadLeft(leftAt + r * matrixRows * leftStride + k); }
        for (var c = 0u; c < across; c++) {
          let cols = loadRight(k * rightStride + rightAt + c * matrixCols);
          for (var r = 0u; r < down; r++) {
            sums[r * across + c] = multiplyAdd(rows[r], cols, sums[r * across + c]);
          }
        }
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < across * down; i++) {
    if (mine < shares) { storeProduct(mine * patchSize, sums[i]); }
    workgroupBarrier();
    storePatches(firstRow, firstCol, i, index);
    workgroupBarrier();
  }
}
