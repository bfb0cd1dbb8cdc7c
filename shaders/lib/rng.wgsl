// rng: Threefry-2x32-20 (Salmon et al., SC 2011), the twin of src/core/rng.ts. Joined in front of a kernel's source.
//
//   randomBits(seed, step, position, lane)  32 bits, equal to TypeScript's bit by bit
//   uniformOpen(bits)                       (k + ½) · 2⁻²³ of the upper 23 bits, exact, in the open interval (0, 1)
//   gumbelOf(u)                             −log(−log u) through logAccurate
//
// WGSL's own log may be off by 2⁻²¹ near 1, more than −log(1 − 2⁻²⁴) itself, so noise would turn infinite;
// logAccurate keeps a relative error of a few units in the last place everywhere.

const choiceLane = 0xffffffffu;

fn rotateLeft(x: u32, bits: u32) -> u32 { return (x << bits) | (x >> (32u - bits)); }

fn mixTwice(x: vec2u, a: u32, b: u32) -> vec2u {
  let s = x.x + x.y;
  let t = rotateLeft(x.y, a) ^ s;
  let u = s + t;
  return vec2u(u, rotateLeft(t, b) ^ u);
}

fn mixEven(x: vec2u) -> vec2u { return mixTwice(mixTwice(x, 13u, 15u), 26u, 6u); }
fn mixOdd(x: vec2u) -> vec2u { return mixTwice(mixTwice(x, 17u, 29u), 16u, 24u); }

fn threefry(k: vec2u, counter: vec2u) -> vec2u {
  let k2 = 0x1bd11bdau ^ k.x ^ k.y;
  var x = mixEven(counter + k) + vec2u(k.y, k2 + 1u);
  x = mixOdd(x) + vec2u(k2, k.x + 2u);
  x = mixEven(x) + vec2u(k.x, k.y + 3u);
  x = mixOdd(x) + vec2u(k.y, k2 + 4u);
  return mixEven(x) + vec2u(k2, k.x + 5u);
}

fn randomBits(seed: u32, step: u32, position: u32, lane: u32) -> u32 {
  let words = threefry(vec2u(seed, step), vec2u(position, lane >> 1u));
  return select(words.x, words.y, (lane & 1u) == 1u);
}

fn uniformOpen(bits: u32) -> f32 { return (f32(bits >> 9u) + 0.5) * 0x1p-23f; }

/// log x for positive, normal x: x = m · 2^e with m in [√½, √2), log m = 2 artanh((m − 1) / (m + 1)) as a series.
fn logAccurate(x: f32) -> f32 {
  let shifted = bitcast<u32>(x) - 0x3f3504f3u; // bits of √½
  let e = bitcast<i32>(shifted) >> 23u;
  let f = bitcast<f32>((shifted & 0x7fffffu) + 0x3f3504f3u) - 1.0;
  let s = f / (2.0 + f);
  let z = s * s;
  let series = z * (0.33333333 + z * (0.2 + z * (0.14285714 + z * 0.11111111)));
  return f32(e) * 0.69314718 + 2.0 * (s + s * series);
}

fn gumbelOf(u: f32) -> f32 { return -logAccurate(-logAccurate(u)); }

fn gumbel(seed: u32, step: u32, position: u32, lane: u32) -> f32 {
  return gumbelOf(uniformOpen(randomBits(seed, step, position, lane)));
}
