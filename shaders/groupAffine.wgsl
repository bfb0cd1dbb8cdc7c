// groupAffine: factor[c] = rstd_g · scale[c], offset[c] = bias[c] − mean_g · factor[c] for the group g of channel c,
//   so that group norm is x · factor[c] + offset[c]
//
//   stats        [slabs, groups, 2] f32: mean and Σ (x − mean)² of each slab (groupStats)
//   scale, bias  [channels]         f32
//   affine       [2, channels]      f32: factor, offset
//   grid         one thread per channel
//
// Slabs are joined as by Chan, Golub and LeVeque: Σ squares + Σ n_s · (mean_s − mean)². Biased variance. Every channel of
// a group does the same sums again: no barrier, and at most 512 slabs.

struct Params { pixels: u32, channels: u32, groups: u32, slabs: u32, slabPixels: u32, eps: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> stats: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> affine: array<f32>;

/// Pixels of a slab.
fn pixelsOf(slab: u32) -> f32 {
  return f32(min(params.slabPixels, params.pixels - slab * params.slabPixels));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= params.channels) { return; }
  let group = c / (params.channels / params.groups);
  let count = f32(params.pixels);

  var mean = 0.0;
  for (var s = 0u; s < params.slabs; s++) {
    mean += stats[2u * (s * params.groups + group)] * (pixelsOf(s) / count);
  }
  var squares = 0.0;
  for (var s = 0u; s < params.slabs; s++) {
    let at = 2u * (s * params.groups + group);
    let d = stats[at] - mean;
    squares += stats[at + 1u] + d * d * pixelsOf(s) * f32(params.channels / params.groups);
  }
  let variance = squares / (count * f32(params.channels / params.groups));
  let factor = inverseSqrt(variance + params.eps) * scale[c];
  affine[c] = factor;
  affine[params.channels + c] = bias[c] - mean * factor;
}
