// rmsNorm: the norm of lib/rmsNorm.wgsl (formula and bindings there, joined in front) with a workgroup for a row
//
//   grid  one workgroup per row; threads stride over the columns
//
// Sums in f32. Joined behind lib/rowSum.wgsl or lib/rowSumSubgroups.wgsl, too.

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * params.cols;
  var squares = 0.0;
  for (var c = thread; c < params.cols; c += threads) { squares += x[row + c] * x[row + c]; }
  let factor = factorOf(group.x, rowSum(squares, thread));
  for (var c = thread; c < params.cols; c += threads) { writeNormed(group.x, c, factor); }
}
