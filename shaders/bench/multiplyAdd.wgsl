// multiplyAdd: how many multiply-adds a second an adapter can do, with nothing to wait for
//
//   y        [threads] f32, a sum that depends on every operation, so that none is left out
//   grid     64 threads a workgroup, one for each y
//
// Eight sums of four lanes a thread, each multiplied and added to `rounds` times: sums depend on their own past only, so
// that eight are in flight. Joined behind `alias Lanes` (vec4f or vec4h). The numbers stay near 1 in any precision.

struct Params { threads: u32, rounds: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

/// Whether the operation is spelled fma(); which is faster depends on the compiler behind it.
override isFused: bool;

fn step(sum: Lanes, factor: Lanes, shift: Lanes) -> Lanes {
  if (isFused) { return fma(sum, factor, shift); }
  return sum * factor + shift;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let start = Lanes(vec4f(1, 2, 3, 4) + f32(id.x % 64u) / 64.0);
  let factor = Lanes(vec4f(0.5));
  let shift = Lanes(vec4f(0.75));
  var a = start; var b = a + shift; var c = b + shift; var d = c + shift;
  var e = d + shift; var f = e + shift; var g = f + shift; var h = g + shift;
  for (var round = 0u; round < params.rounds; round++) {
    a = step(a, factor, shift); b = step(b, factor, shift); c = step(c, factor, shift); d = step(d, factor, shift);
    e = step(e, factor, shift); f = step(f, factor, shift); g = step(g, factor, shift); h = step(h, factor, shift);
  }
  let all = vec4f(a + b + c + d + e + f + g + h);
  if (id.x < params.threads) { y[id.x] = all.x + all.y + all.z + all.w; }
}
