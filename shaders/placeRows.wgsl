// placeRows: y[i, s, c] = x[s, first + places[i, s mod pictures], c]: the rows at listed places, those of one entry side by
// side
//
//   x       [given, length, width]        f32; with one sequence given it serves all
//   places  [entries, pictures] i32; -1 behind the last one reads like 0
//   y       [entries, sequences, width]   f32
//   grid    one workgroup per row of y; threads stride over the columns

struct Params { length: u32, first: u32, given: u32, entries: u32, pictures: u32, sequences: u32, width: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> places: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let sequence = group.x % params.sequences;
  let entry = group.x / params.sequences * params.pictures + sequence % params.pictures;
  let place = params.first + u32(max(places[entry], 0));
  let start = (sequence % params.given * params.length + place) * params.width;
  for (var c = thread; c < params.width; c += 64u) { y[group.x * params.width + c] = x[start + c]; }
}
