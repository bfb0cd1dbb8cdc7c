// classVector: y[s, c] = silu(table[row of classes[s], c])
//
//   classes  [sequences] i32; what is no class reads the row behind the classes
//   table    [classCount + 1, width] f32: classes, then "no class"
//   y        [sequences, width] f32
//   grid     one workgroup per sequence; threads stride over the columns
//
// No id can read outside the table, whatever the state holds. Joined behind lib/activation.wgsl.

struct Params { sequences: u32, classCount: u32, width: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> classes: array<i32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let id = classes[group.x];
  let row = select(params.classCount, u32(id), id >= 0 && id < i32(params.classCount));
  for (var c = thread; c < params.width; c += 64u) {
    y[group.x * params.width + c] = silu(table[row * params.width + c]);
  }
}
