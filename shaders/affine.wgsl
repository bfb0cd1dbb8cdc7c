// affine: y[p, c] = x[p, c] · affine[0, c] + affine[1, c]
//
//   x, y    [pixels, channels] f32
//   affine  [2, channels]      f32: factor, offset
//   grid    rows of groups, one element a thread (src/kernels/elements.ts)

struct Params { count: u32, channels: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> affine: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let i = (group.y * groups.x + group.x) * 256u + thread;
  if (i >= params.count) { return; }
  let c = i % params.channels;
  y[i] = x[i] * affine[c] + affine[params.channels + c];
}
