// affine: y[p, c] = activation(x[p, c] · affine[0, c] + affine[1, c])
//
//   x, y    [pixels, channels] f32
//   affine  [2, channels]      f32: factor, offset
//   grid    one element a thread
//
// Joined behind lib/activation.wgsl and lib/elements.wgsl.

struct Params { count: u32, channels: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> affine: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = elementOf(id, groups);
  if (i >= params.count) { return; }
  let c = i % params.channels;
  y[i] = activate(x[i] * affine[c] + affine[params.channels + c]);
}
