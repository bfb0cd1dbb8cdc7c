// swiglu: y[r, c] = silu(x[r, c]) · x[r, cols + c]
//
//   x     [rows, 2 · cols] f32: the gate, then what it lets through
//   y     [rows, cols]     f32
//   grid  one element a thread
//
// Joined behind lib/activation.wgsl and lib/elements.wgsl.

struct Params { rows: u32, cols: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = elementOf(id, groups);
  if (i >= params.rows * params.cols) { return; }
  let at = 2u * params.cols * (i / params.cols) + i % params.cols;
  y[i] = silu(x[at]) * x[at + params.cols];
}
