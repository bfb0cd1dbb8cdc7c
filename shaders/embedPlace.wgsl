// embedPlace: the row that one place of a sequence starts from: h[s] = words[row of what stands there] + places[place]
//
//   stepParams  step is the place, 0 … positions − 1
//   tokens      [positions] i32, codes; what is no code reads maskRow
//   classes     [sequences] i32; what is no class reads nullRow
//   words       [vocabulary, width] f32: codes from row 0, classes from firstClass
//   places      [1 + positions, width] f32
//   h           [sequences, width] f32
//   grid        one workgroup a sequence; threads stride over the columns
//
// The class stands at place 0, token p at place p + 1. lib/stepParams is joined in front.

struct Params { sequences: u32, positions: u32, width: u32, codes: u32, firstClass: u32, classCount: u32, nullRow: u32, maskRow: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> stepParams: StepParams;
@group(0) @binding(2) var<storage, read> tokens: array<i32>;
@group(0) @binding(3) var<storage, read> classes: array<i32>;
@group(0) @binding(4) var<storage, read> words: array<f32>;
@group(0) @binding(5) var<storage, read> places: array<f32>;
@group(0) @binding(6) var<storage, read_write> h: array<f32>;

fn rowOf(place: u32, sequence: u32) -> u32 {
  if (place == 0u) {
    let id = classes[sequence];
    return select(params.nullRow, params.firstClass + u32(id), id >= 0 && id < i32(params.classCount));
  }
  let id = tokens[place - 1u];
  return select(params.maskRow, u32(id), id >= 0 && id < i32(params.codes));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let place = min(stepParams.step, params.positions - 1u);
  let row = rowOf(place, group.x);
  for (var c = thread; c < params.width; c += 64u) {
    h[group.x * params.width + c] = words[row * params.width + c] + places[place * params.width + c];
  }
}
