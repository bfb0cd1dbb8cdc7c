// gridRows: y[s, p, c] = x[s, first + p, c]: the rows of the grid, without class and registers
//
//   x     [sequences, length, width]    f32
//   y     [sequences, positions, width] f32
//   grid  one workgroup per row of y; threads stride over the columns

struct Params { length: u32, first: u32, sequences: u32, positions: u32, width: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let sequence = group.x / params.positions;
  let position = group.x % params.positions;
  let start = (sequence * params.length + params.first + position) * params.width;
  for (var c = thread; c < params.width; c += 64u) { y[group.x * params.width + c] = x[start + c]; }
}
