// fill: x[i] = hash of i, so that no cache or memory can press the values together
//
//   x        [4 · quads] u32
//   grid     64 threads a workgroup; `threads` threads stride over the quads

struct Params { quads: u32, threads: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4u>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  for (var quad = id.x; quad < params.quads; quad += params.threads) {
    let seed = (vec4u(4u * quad) + vec4u(0, 1, 2, 3)) * 0x9e3779b9u;
    x[quad] = (seed ^ (seed >> vec4u(15))) * 0x2c1b3c6du;
  }
}
