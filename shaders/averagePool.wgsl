// averagePool: y[h, w, c] = mean of x[2h + {0, 1}, 2w + {0, 1}, c]; an odd last row or column is left out
//
//   x     [height, width, channels]                         f32
//   y     [height / 2, width / 2, channels], rounded down   f32
//   grid  one element of y a thread
//
// Joined behind lib/elements.wgsl.

struct Params { height: u32, width: u32, channels: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = elementOf(id, groups);
  let cols = params.width / 2u;
  if (i >= (params.height / 2u) * cols * params.channels) { return; }
  let c = i % params.channels;
  let col = (i / params.channels) % cols;
  let row = i / params.channels / cols;
  let right = params.channels;
  let below = params.width * params.channels;
  let at = 2u * row * below + 2u * col * right + c;
  y[i] = ((x[at] + x[at + right]) + (x[at + below] + x[at + below + right])) * 0.25;
}
