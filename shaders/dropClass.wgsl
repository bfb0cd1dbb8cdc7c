// dropClass: y[s, p, c] = x[s, 1 + p, c]: the rows of the grid, without the class token in front
//
//   x     [sequences, 1 + positions, width] f32
//   y     [sequences, positions, width]     f32
//   grid  one workgroup per row of y; threads stride over the columns

struct Params { sequences: u32, positions: u32, width: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let sequence = group.x / params.positions;
  let first = (group.x + sequence + 1u) * params.width;
  for (var c = thread; c < params.width; c += 64u) { y[group.x * params.width + c] = x[first + c]; }
}
