// groupStats: of each slab of pixels and each group, mean = Σ x / n and squares = Σ (x − mean)²
//
//   x     [pixels, channels]   f32; a group is channels / groups consecutive channels
//   stats [slabs, groups, 2]   f32: mean, squares; slab s is the pixels from s · slabPixels on, the last may be shorter
//   grid  one thread per slab and group, neighbours on neighbouring groups
//
// Two passes about the slab's own mean, so that a large mean costs no digits; groupAffine joins the slabs.

struct Params { pixels: u32, channels: u32, groups: u32, slabs: u32, slabPixels: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.slabs * params.groups) { return; }
  let slab = id.x / params.groups;
  let width = params.channels / params.groups;
  let firstChannel = (id.x % params.groups) * width;
  let firstPixel = slab * params.slabPixels;
  let endPixel = min(firstPixel + params.slabPixels, params.pixels);

  var sum = 0.0;
  for (var p = firstPixel; p < endPixel; p++) {
    let at = p * params.channels + firstChannel;
    for (var c = 0u; c < width; c++) { sum += x[at + c]; }
  }
  let mean = sum / f32((endPixel - firstPixel) * width);

  var squares = 0.0;
  for (var p = firstPixel; p < endPixel; p++) {
    let at = p * params.channels + firstChannel;
    for (var c = 0u; c < width; c++) {
      let d = x[at + c] - mean;
      squares += d * d;
    }
  }
  stats[2u * id.x] = mean;
  stats[2u * id.x + 1u] = squares;
}
