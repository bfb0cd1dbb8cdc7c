// fromPixels: image[i, c] = byte c of pixels[i] / 255 for red, green and blue; alpha is dropped
//
//   pixels [count]    u32, bytes red, green, blue, alpha from the lowest (ImageData on a little-endian machine)
//   image  [count, 3] f32 in [0, 1]
//   grid   one pixel a thread
//
// Joined behind lib/elements.wgsl.

struct Params { count: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pixels: array<u32>;
@group(0) @binding(2) var<storage, read_write> image: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = elementOf(id, groups);
  if (i >= params.count) { return; }
  for (var c = 0u; c < 3u; c++) {
    image[3u * i + c] = f32((pixels[i] >> (8u * c)) & 255u) / 255.0;
  }
}
