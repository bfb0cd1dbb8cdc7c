// rmsNormByRow: the norm of lib/rmsNorm.wgsl (formula and bindings there, joined in front) with a thread for a whole row
//
//   grid  8 rows a workgroup, one thread each
//
// For software adapters, where a barrier costs more than a row (see layerNormByRow). The sum runs in order, so that it
// differs from rmsNorm's in the last bits.

@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  let row = id.x * params.cols;
  var squares = 0.0;
  for (var c = 0u; c < params.cols; c++) { squares += x[row + c] * x[row + c]; }
  let factor = factorOf(id.x, squares);
  for (var c = 0u; c < params.cols; c++) { writeNormed(id.x, c, factor); }
}
