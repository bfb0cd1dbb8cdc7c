// rmsNorm: the norm of lib/rmsNorm.wgsl (formula and bindings there, joined in front) with a workgroup for a row
//
//   grid  one workgroup per row; threads stride over the columns
//
// Sums in f32, over a tree of threads.

const threads = 64u;
var<workgroup> partial: array<f32, threads>;

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * params.cols;
  var squares = 0.0;
  for (var c = thread; c < params.cols; c += threads) { squares += x[row + c] * x[row + c]; }
  partial[thread] = squares;
  workgroupBarrier();
  for (var half = threads / 2u; half > 0u; half /= 2u) {
    if (thread < half) { partial[thread] += partial[thread + half]; }
    workgroupBarrier();
  }
  let factor = factorOf(group.x, partial[0]);
  for (var c = thread; c < params.cols; c += threads) { writeNormed(group.x, c, factor); }
}
