// productTile: a workgroup's tile of a product, 4 · threadRows rows × 8 · threadCols columns, one slab of terms at a time
//
// The workgroup has threadCols × threadRows threads; each keeps 4 rows × 8 columns of sums in registers. For a slab of
// 2 · threadCols terms every thread puts two terms of its own 4 rows into `left`, all together put the slab's columns
// into `right`, and after a barrier each reads 3 vectors for 32 multiply-adds. Sums run over the terms in order, in f32. Joined behind
// lib/terms.

override threadRows: u32;
override threadCols: u32;

/// Vectors between two terms in `left`; one more than needed, so that neighbours write to different banks.
override leftStride = threadRows + 1u;
/// Vectors between two terms in `right`.
override rightStride = 2u * threadCols;
override slab = 2u * threadCols;

/// [slab, threadRows + 1] four rows each
var<workgroup> left: array<Terms4, slab * leftStride>;
/// [slab, 2 · threadCols] four columns each; a thread has columns x and x + threadCols
var<workgroup> right: array<Terms4, slab * rightStride>;

/// Row r of a thread's sums is near r and far r.
struct Sums {
  near0: vec4f, far0: vec4f, near1: vec4f, far1: vec4f,
  near2: vec4f, far2: vec4f, near3: vec4f, far3: vec4f,
}

/// near and far of one row after the other.
fn listOf(sums: Sums) -> array<vec4f, 8> {
  return array(sums.near0, sums.far0, sums.near1, sums.far1, sums.near2, sums.far2, sums.near3, sums.far3);
}

fn multiplySlab(sums: ptr<function, Sums>, thread: vec2u) {
  for (var k = 0u; k < slab; k++) {
    let a = vec4f(left[k * leftStride + thread.y]);
    let near = vec4f(right[k * rightStride + thread.x]);
    let far = vec4f(right[k * rightStride + thread.x + threadCols]);
    (*sums).near0 += a.x * near; (*sums).far0 += a.x * far;
    (*sums).near1 += a.y * near; (*sums).far1 += a.y * far;
    (*sums).near2 += a.z * near; (*sums).far2 += a.z * far;
    (*sums).near3 += a.w * near; (*sums).far3 += a.w * far;
  }
}
