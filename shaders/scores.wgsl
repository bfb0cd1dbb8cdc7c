// scores: y[i, j] = Σ_d queries[i, d] · keys[j, d] / √width
//
//   queries  [rows, width]    f32
//   keys     [columns, width] f32
//   y        [rows, columns]  f32
//   grid     x: 32 columns a workgroup, y: 32 rows; 8 × 8 threads of 4 × 4 scores each
//
// No barriers and no workgroup memory: 8 loads for 16 multiply-adds. Rows and columns beyond the edge repeat the last
// one and are not written.

struct Params { rows: u32, columns: u32, width: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> queries: array<f32>;
@group(0) @binding(2) var<storage, read> keys: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const four = vec4u(0, 1, 2, 3);

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = 4u * id.y;
  let col = 4u * id.x;
  if (row >= params.rows || col >= params.columns) { return; }
  let q = params.width * min(row + four, vec4u(params.rows - 1u));
  let k = params.width * min(col + four, vec4u(params.columns - 1u));
  var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
  for (var d = 0u; d < params.width; d++) {
    let key = vec4f(keys[k.x + d], keys[k.y + d], keys[k.z + d], keys[k.w + d]);
    s0 += queries[q.x + d] * key;
    s1 += queries[q.y + d] * key;
    s2 += queries[q.z + d] * key;
    s3 += queries[q.w + d] * key;
  }
  // An end that the compiler cannot know: see linear.
  var sums = array(s0, s1, s2, s3);
  let scale = inverseSqrt(f32(params.width));
  for (var i = 0u; i < min(4u, params.rows - row); i++) {
    for (var j = 0u; j < min(4u, params.columns - col); j++) {
      y[(row + i) * params.columns + col + j] = scale * sums[i][j];
    }
  }
}
