// fromPixels: image[i, c] = byte c of pixels[i] / 255 for red, green and blue; alpha is dropped
//
//   pixels [count]    u32, bytes red, green, blue, alpha from the lowest (ImageData on a little-endian machine)
//   image  [count, 3] f32 in [0, 1]
//   grid   rows of groups, one pixel a thread (src/kernels/elements.ts)

struct Params { count: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pixels: array<u32>;
@group(0) @binding(2) var<storage, read_write> image: array<f32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let i = (group.y * groups.x + group.x) * 256u + thread;
  if (i >= params.count) { return; }
  for (var c = 0u; c < 3u; c++) {
    image[3u * i + c] = f32((pixels[i] >> (8u * c)) & 255u) / 255.0;
  }
}
