// toPixels: byte c of pixels[i] = round(clamp(image[i, c], 0, 1) · 255) for red, green and blue; alpha is 255
//
//   image  [count, 3] f32, not clipped
//   pixels [count]    u32, bytes red, green, blue, alpha from the lowest (ImageData on a little-endian machine)
//   grid   one pixel a thread
//
// Joined behind lib/elements.wgsl.

struct Params { count: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read_write> pixels: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = elementOf(id, groups);
  if (i >= params.count) { return; }
  var packed = 255u << 24u;
  for (var c = 0u; c < 3u; c++) {
    packed |= u32(round(clamp(image[3u * i + c], 0.0, 1.0) * 255.0)) << (8u * c);
  }
  pixels[i] = packed;
}
