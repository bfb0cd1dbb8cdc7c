// remask: confidence[p] = logProb[p] + choiceScale · Gumbel[p], +infinity where the token is known (with byLogit 1 the
//         logit of the guess in place of logProb);
//         tokens[p] = guess[p] where it was MASK, then MASK again in the `masked` least confident of those;
//         MASK as well, wherever it is painted, in the half that the corrector step behind this one draws anew
//
//   stepParams   [pictures]
//   guess        [pictures, positions] i32
//   logit        [pictures, positions] f32, that of the guess, read only when stepParams.byLogit is 1
//   logProb      [pictures, positions] f32
//   cells        [positions] u32: bits 0 to 15 the place of each position in a fixed order, used when stepParams.byRank is
//                1; bit 16 + h: it is painted and in half h, used when stepParams.reopens is 1 + h
//   choiceNoise  [pictures, positions] f32, read only when `explicitNoise` is 1; else Gumbel comes from the generator
//   tokens       [pictures, positions] i32, -1 is MASK; updated in place
//   confidence   [pictures, positions] f32
//   grid         one workgroup a picture, for all of its positions, at most 1024
//
// Exactly `masked` are masked, whatever the values: they are compared as sortable integers, of equal ones the lower
// position goes first, and a position's rank is the number of those before it. O(positions²), all in workgroup memory.

struct Params { pictures: u32, positions: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> stepParams: array<StepParams>;
@group(0) @binding(2) var<storage, read> guess: array<i32>;
@group(0) @binding(3) var<storage, read> logit: array<f32>;
@group(0) @binding(4) var<storage, read> logProb: array<f32>;
@group(0) @binding(5) var<storage, read> cells: array<u32>;
@group(0) @binding(6) var<storage, read> choiceNoise: array<f32>;
@group(0) @binding(7) var<storage, read_write> tokens: array<i32>;
@group(0) @binding(8) var<storage, read_write> confidence: array<f32>;

override explicitNoise: u32;

const threads = 256u;
const maxPositions = 1024u;
const knownKey = 0xffffffffu;

var<workgroup> keys: array<u32, maxPositions>;

/// Bits of a float, ordered as the floats are: negative ones backwards and below the positive ones.
fn sortable(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  return min(select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u), knownKey - 1u);
}

/// @param at a position among those of all pictures
fn scoreOf(picture: u32, at: u32) -> f32 {
  if (stepParams[picture].byLogit == 1u) { return logit[at]; }
  return logProb[at];
}

fn noiseOf(picture: u32, position: u32, at: u32) -> f32 {
  if (explicitNoise == 1u) { return choiceNoise[at]; }
  return gumbel(stepParams[picture].seed, stepParams[picture].step, position, choiceLane);
}

fn isReopened(picture: u32, position: u32) -> bool {
  let reopens = stepParams[picture].reopens;
  return reopens > 0u && extractBits(cells[position], 15u + reopens, 1u) == 1u;
}

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let picture = group.x;
  let first = picture * params.positions;
  for (var p = thread; p < params.positions; p += threads) {
    let at = first + p;
    if (tokens[at] >= 0) {
      keys[p] = knownKey;
      confidence[at] = stepParams[picture].infinity;
      continue;
    }
    let value = scoreOf(picture, at) + stepParams[picture].choiceScale * noiseOf(picture, p, at);
    confidence[at] = value;
    keys[p] = select(sortable(value), knownKey - 1u - extractBits(cells[p], 0u, 16u), stepParams[picture].byRank == 1u);
  }
  workgroupBarrier();

  for (var p = thread; p < params.positions; p += threads) {
    let key = keys[p];
    if (isReopened(picture, p)) {
      tokens[first + p] = -1;
      continue;
    }
    if (key == knownKey) { continue; }
    var before = 0u;
    for (var q = 0u; q < params.positions; q++) {
      before += select(0u, 1u, keys[q] < key || (keys[q] == key && q < p));
    }
    tokens[first + p] = select(guess[first + p], -1, before < stepParams[picture].masked);
  }
}
