// embed: the rows that a transformer starts from: h[s, place] = words[row of what stands there] + places[place]
//
//   tokens   [tokenRows, positions] i32, codes; sequence s reads row s mod tokenRows; what is no code reads maskRow
//   classes  [sequences] i32; what is no class reads nullRow
//   words    [vocabulary, width] f32: codes from row 0, classes from firstClass
//   places   [length, width]     f32
//   h        [sequences, length, width] f32
//   grid     one workgroup per row of h; threads stride over the columns
//
// The class stands at classPlace (0 or positions), nowhere when that is length. The tokens take the other places in
// order; what is left behind them are registers, which are places without a word. No id can read outside the
// vocabulary, whatever the states hold.

struct Params { sequences: u32, tokenRows: u32, positions: u32, length: u32, classPlace: u32, width: u32, codes: u32, firstClass: u32, classCount: u32, nullRow: u32, maskRow: u32 }

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
  return select(params.nullRow, params.firstClass + u32(id), id >= 0 && id < i32(params.classCount));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let sequence = group.x / params.length;
  let place = group.x % params.length;
  let position = place - select(0u, 1u, place > params.classPlace);
  var row: u32;
  var hasWord = 1.0;
  if (place == params.classPlace) {
    row = rowOfClass(classes[sequence]);
  } else if (position < params.positions) {
    row = rowOfToken(tokens[(sequence % params.tokenRows) * params.positions + position]);
  } else {
    hasWord = 0.0;
  }
  for (var c = thread; c < params.width; c += 64u) {
    h[group.x * params.width + c] = hasWord * words[row * params.width + c] + places[place * params.width + c];
  }
}
