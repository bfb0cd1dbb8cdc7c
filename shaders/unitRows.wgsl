// unitRows: y[r, c] = x[r, c] / max(√(Σ_c x[r, c]²), 1e-12)
//
//   x, y  [rows, width] f32
//   grid  one row a thread
//
// A row longer than 1e19 or shorter than 1e-19 has a squared length that f32 cannot hold; latents are near 1.

struct Params { rows: u32, width: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  let row = id.x * params.width;
  var squares = 0.0;
  for (var c = 0u; c < params.width; c++) { squares += x[row + c] * x[row + c]; }
  let length = max(sqrt(squares), 1e-12);
  for (var c = 0u; c < params.width; c++) { y[row + c] = x[row + c] / length; }
}
