// sweep: reads x once from end to end; y[thread] = sum of what the thread read
//
//   x        [4 · quads] u32
//   y        [threads] u32
//   grid     64 threads a workgroup; neighbours read neighbouring quads, `threads` quads apart from turn to turn

struct Params { quads: u32, threads: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = vec4u();
  for (var quad = id.x; quad < params.quads; quad += params.threads) { sum += x[quad]; }
  if (id.x < params.threads) { y[id.x] = sum.x + sum.y + sum.z + sum.w; }
}
