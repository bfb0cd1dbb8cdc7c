// listMasked: places = the masked positions in order, then -1; guess[p] = tokens[p] and logProb[p] = 0 where it is known
//
//   tokens   [positions] i32, -1 is MASK
//   places   [positions] i32
//   guess    [positions] i32, logProb [positions] f32; left alone where the token is masked: drawTokens writes there
//   grid     one position a thread
//
// Every thread counts the masked positions before its own and so writes one entry, from the front or from the back: no
// barrier, and a load a position for each of at most 1024.

struct Params { positions: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> tokens: array<i32>;
@group(0) @binding(2) var<storage, read_write> places: array<i32>;
@group(0) @binding(3) var<storage, read_write> guess: array<i32>;
@group(0) @binding(4) var<storage, read_write> logProb: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let p = id.x;
  if (p >= params.positions) { return; }
  var before = 0u;
  for (var q = 0u; q < p; q++) { before += select(0u, 1u, tokens[q] < 0); }
  if (tokens[p] < 0) {
    places[before] = i32(p);
    return;
  }
  places[params.positions - 1u - (p - before)] = -1;
  guess[p] = tokens[p];
  logProb[p] = 0.0;
}
