// rescale: y[i] = factor · x[i] + offset
//
//   x, y  [count] f32
//   grid  rows of groups, one element a thread (src/kernels/elements.ts)

struct Params { count: u32, factor: f32, offset: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let i = (group.y * groups.x + group.x) * 256u + thread;
  if (i >= params.count) { return; }
  y[i] = params.factor * x[i] + params.offset;
}
