// drawNext: tokens[p] = argmax_c l[c] + temperature · Gumbel[c], p = stepParams.step,
//           logProb[p] = l[tokens[p]] − log Σ_c exp l[c], of the guided logits l
//
//   logits   [sequences, codebook] f32; l is row 0, or (1 + w) · row 0 − w · row 1 where nullRow is 1
//   tokens   [positions] i32; one that is known is kept, its logProb is 0
//   logProb  [positions] f32
//   grid     one workgroup; threads stride over pairs of codes, as one call of the generator serves two
//
// Equal values: the lower code. The generator's address is (seed, step) and position 0: the step tells positions apart.
// Each thread finds the best of its codes and sums about its own maximum, in f32; one barrier, then the first thread
// goes through what the others found. lib/rng and lib/stepParams are joined in front.

struct Params { sequences: u32, codebook: u32, positions: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> stepParams: StepParams;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read_write> tokens: array<i32>;
@group(0) @binding(4) var<storage, read_write> logProb: array<f32>;

const threads = 64u;
const least = -3.4e38;

/// Of some codes: the best and its noisy value, and the largest logit with the sum about it.
struct Found { code: u32, value: f32, top: f32, sum: f32 }

var<workgroup> found: array<Found, threads>;

fn logitOf(code: u32) -> f32 {
  let wanted = logits[code];
  if (stepParams.nullRow < 0 || params.sequences < 2u) { return wanted; }
  let w = stepParams.guidanceScale;
  return (1.0 + w) * wanted - w * logits[params.codebook + code];
}

fn better(a: Found, code: u32, value: f32) -> bool {
  return value > a.value || (value == a.value && code < a.code);
}

fn consider(so: Found, code: u32, gumbelValue: f32) -> Found {
  var next = so;
  if (code >= params.codebook) { return next; }
  let logit = logitOf(code);
  let value = logit + stepParams.temperature * gumbelValue;
  if (better(so, code, value)) {
    next.code = code;
    next.value = value;
  }
  next.top = max(so.top, logit);
  next.sum = so.sum * exp(so.top - next.top) + exp(logit - next.top);
  return next;
}

@compute @workgroup_size(threads)
fn main(@builtin(local_invocation_index) thread: u32) {
  let position = min(stepParams.step, params.positions - 1u);
  var mine = Found(params.codebook, least, least, 0.0);
  for (var pair = thread; 2u * pair < params.codebook; pair += threads) {
    let words = threefry(vec2u(stepParams.seed, stepParams.step), vec2u(0u, pair));
    mine = consider(mine, 2u * pair, gumbelOf(uniformOpen(words.x)));
    mine = consider(mine, 2u * pair + 1u, gumbelOf(uniformOpen(words.y)));
  }
  found[thread] = mine;
  workgroupBarrier();
  if (thread > 0u) { return; }

  if (tokens[position] >= 0) {
    logProb[position] = 0.0;
    return;
  }
  // The compiler cannot know the end of this loop: see linear.
  let used = min(threads, (params.codebook + 1u) / 2u);
  for (var i = 1u; i < used; i++) {
    let theirs = found[i];
    if (better(mine, theirs.code, theirs.value)) {
      mine.code = theirs.code;
      mine.value = theirs.value;
    }
    let top = max(mine.top, theirs.top);
    mine.sum = mine.sum * exp(mine.top - top) + theirs.sum * exp(theirs.top - top);
    mine.top = top;
  }
  let code = min(mine.code, params.codebook - 1u);
  tokens[position] = i32(code);
  logProb[position] = (logitOf(code) - mine.top) - logAccurate(mine.sum);
}
