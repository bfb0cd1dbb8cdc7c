// rescale: y[i] = factor · x[i] + offset
//
//   x, y  [count] f32
//   grid  one element a thread
//
// Joined behind lib/elements.wgsl.

struct Params { count: u32, factor: f32, offset: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = elementOf(id, groups);
  if (i >= params.count) { return; }
  y[i] = params.factor * x[i] + params.offset;
}
