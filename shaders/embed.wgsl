// embed: h[s, 0] = words[row of classes[s]] + places[0]; h[s, 1 + p] = words[row of tokens[s mod tokenRows, p]] + places[1 + p]
//
//   tokens   [tokenRows, positions] i32, codes; what is no code reads the mask's row
//   classes  [sequences] i32; what is no class reads nullRow
//   words    [vocabulary, width] f32: codes, classes, perhaps "no class", mask
//   places   [1 + positions, width] f32
//   h        [sequences, 1 + positions, width] f32
//   grid     one workgroup per row of h; threads stride over the columns
//
// No id can read outside the vocabulary, whatever the states hold.

struct Params { sequences: u32, tokenRows: u32, positions: u32, width: u32, codes: u32, classCount: u32, nullRow: u32, maskRow: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> tokens: array<i32>;
@group(0) @binding(2) var<storage, read> classes: array<i32>;
@group(0) @binding(3) var<storage, read> words: array<f32>;
@group(0) @binding(4) var<storage, read> places: array<f32>;
@group(0) @binding(5) var<storage, read_write> h: array<f32>;

fn rowOfToken(id: i32) -> u32 {
  return select(params.maskRow, u32(id), id >= 0 && id < i32(params.codes));
}

fn rowOfClass(id: i32) -> u32 {
  return select(params.nullRow, params.codes + u32(id), id >= 0 && id < i32(params.classCount));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let sequence = group.x / (params.positions + 1u);
  let place = group.x % (params.positions + 1u);
  var row: u32;
  if (place == 0u) {
    row = rowOfClass(classes[sequence]);
  } else {
    row = rowOfToken(tokens[(sequence % params.tokenRows) * params.positions + place - 1u]);
  }
  for (var c = thread; c < params.width; c += 64u) {
    h[group.x * params.width + c] = words[row * params.width + c] + places[place * params.width + c];
  }
}
