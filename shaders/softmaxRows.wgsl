// softmaxRows: y[r, c] = e^(x[r, c] − maximum of row r) / Σ_c of the same
//
//   x, y  [rows, width] f32
//   grid  one row a thread

struct Params { rows: u32, width: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  let row = id.x * params.width;
  var most = x[row];
  for (var c = 1u; c < params.width; c++) { most = max(most, x[row + c]); }
  var sum = 0.0;
  for (var c = 0u; c < params.width; c++) {
    let e = exp(x[row + c] - most);
    y[row + c] = e;
    sum += e;
  }
  for (var c = 0u; c < params.width; c++) { y[row + c] /= sum; }
}
