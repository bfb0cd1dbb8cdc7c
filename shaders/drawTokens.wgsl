// drawTokens: guess[b, p] = argmax_c logits[i, b, c] + temperature · Gumbel[b, p, c] over the codes that are not banned,
//             logProb[b, p] = logits[i, b, guess] − log Σ_c exp logits[i, b, c] over the same codes, p = places[i, b]
//
//   stepParams [pictures]: seed, step and temperature of each
//   logits     [entries, pictures, codebook] f32, guidance applied
//   places     [entries, pictures] i32, the positions to draw for; behind the last it is -1 and nothing is written
//   banned     [codebook] u32, 1 where a code must not be drawn
//   drawNoise  [pictures, positions, codebook] f32, read only when `explicitNoise` is 1; else the generator makes it
//   guess      [pictures, positions] i32
//   logProb    [pictures, positions] f32, logit likewise: that of the guess
//   grid       one workgroup an entry of a picture; threads stride over pairs of codes, as one call of the generator serves
//              two
//
// Equal values: the lower code. Two passes over the row (maxima, then the sum about the maximum), in f32. lib/rng.wgsl
// and lib/stepParams.wgsl are joined in front.

struct Params { entries: u32, pictures: u32, positions: u32, codebook: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> stepParams: array<StepParams>;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read> places: array<i32>;
@group(0) @binding(4) var<storage, read> banned: array<u32>;
@group(0) @binding(5) var<storage, read> drawNoise: array<f32>;
@group(0) @binding(6) var<storage, read_write> guess: array<i32>;
@group(0) @binding(7) var<storage, read_write> logProb: array<f32>;
@group(0) @binding(8) var<storage, read_write> logit: array<f32>;

override explicitNoise: u32;

const threads = 64u;
const noCode = 0xffffffffu;

/// The best code so far, its noisy value, and the largest logit.
struct Best { code: u32, value: f32, top: f32 }

var<workgroup> bests: array<Best, threads>;
var<workgroup> partial: array<f32, threads>;

/// @param row where the logits begin; @param at the position among those of all pictures
fn consider(best: Best, row: u32, at: u32, code: u32, temperature: f32, gumbelValue: f32) -> Best {
  if (code >= params.codebook || banned[code] == 1u) { return best; }
  let value = logits[row + code];
  var noise = gumbelValue;
  if (explicitNoise == 1u) { noise = drawNoise[at * params.codebook + code]; }
  return better(best, Best(code, value + temperature * noise, value));
}

fn better(a: Best, b: Best) -> Best {
  if (a.code == noCode) { return b; }
  if (b.code == noCode) { return a; }
  let takeB = b.value > a.value || (b.value == a.value && b.code < a.code);
  return Best(select(a.code, b.code, takeB), select(a.value, b.value, takeB), max(a.top, b.top));
}

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let entry = group.x;
  let row = entry * params.codebook;
  if (places[entry] < 0) { return; } // uniform: places is read-only here and the index is the group's
  let position = u32(places[entry]);
  let picture = entry % params.pictures;
  let at = picture * params.positions + position;
  let key = vec2u(stepParams[picture].seed, stepParams[picture].step);
  let temperature = stepParams[picture].temperature;

  var best = Best(noCode, 0.0, 0.0);
  for (var pair = thread; 2u * pair < params.codebook; pair += threads) {
    var noise = vec2f();
    if (explicitNoise == 0u) {
      let words = threefry(key, vec2u(position, pair));
      noise = vec2f(gumbelOf(uniformOpen(words.x)), gumbelOf(uniformOpen(words.y)));
    }
    best = consider(best, row, at, 2u * pair, temperature, noise.x);
    best = consider(best, row, at, 2u * pair + 1u, temperature, noise.y);
  }
  bests[thread] = best;
  workgroupBarrier();
  for (var half = threads / 2u; half > 0u; half /= 2u) {
    if (thread < half) { bests[thread] = better(bests[thread], bests[thread + half]); }
    workgroupBarrier();
  }

  let top = bests[0].top;
  var sum = 0.0;
  for (var code = thread; code < params.codebook; code += threads) {
    if (banned[code] == 0u) { sum += exp(logits[row + code] - top); }
  }
  partial[thread] = sum;
  workgroupBarrier();
  for (var half = threads / 2u; half > 0u; half /= 2u) {
    if (thread < half) { partial[thread] += partial[thread + half]; }
    workgroupBarrier();
  }

  if (thread == 0u) {
    let code = min(bests[0].code, params.codebook - 1u);
    guess[at] = i32(code);
    logit[at] = logits[row + code];
    logProb[at] = (logits[row + code] - top) - logAccurate(partial[0]);
  }
}
