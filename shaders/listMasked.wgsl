// listMasked: places[·, b] = the masked positions of picture b in order, then -1; guess[b, p] = tokens[b, p] and
//             logProb[b, p] = 0 where it is known
//
//   tokens   [pictures, positions] i32, -1 is MASK
//   places   [positions, pictures] i32: the first entries of all pictures lie in front
//   guess    [pictures, positions] i32, logProb likewise f32; left alone where the token is masked: drawTokens writes there
//   grid     x: one position a thread, y: pictures
//
// Every thread counts the masked positions before its own and so writes one entry, from the front or from the back: no
// barrier, and a load a position for each of at most 1024.

struct Params { pictures: u32, positions: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> tokens: array<i32>;
@group(0) @binding(2) var<storage, read_write> places: array<i32>;
@group(0) @binding(3) var<storage, read_write> guess: array<i32>;
@group(0) @binding(4) var<storage, read_write> logProb: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let p = id.x;
  if (p >= params.positions) { return; }
  let first = id.y * params.positions;
  let at = first + p;
  var before = 0u;
  for (var q = first; q < at; q++) { before += select(0u, 1u, tokens[q] < 0); }
  if (tokens[at] < 0) {
    places[before * params.pictures + id.y] = i32(p);
    return;
  }
  places[(params.positions - 1u - (p - before)) * params.pictures + id.y] = -1;
  guess[at] = tokens[at];
  logProb[at] = 0.0;
}
