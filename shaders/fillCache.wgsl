// fillCache: remember key and value of places 0 … queries − 1 of every sequence
//
//   qkv     [sequences · queries, 3 · width] f32: query, key, value of a row side by side, heads in order in each
//   keys    [sequences, heads, headWidth, capacity] f32; places from `queries` on keep what they hold
//   values  [sequences, heads, capacity, headWidth] f32; likewise
//   grid    x: queries, y: sequences; 64 threads stride over the columns of all heads

struct Params { queries: u32, capacity: u32, heads: u32, headWidth: u32, sequences: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<f32>;
@group(0) @binding(2) var<storage, read_write> keys: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let width = params.heads * params.headWidth;
  let row = (group.y * params.queries + group.x) * 3u * width;
  for (var c = thread; c < width; c += 64u) {
    let head = group.y * params.heads + c / params.headWidth;
    let d = c % params.headWidth;
    keys[(head * params.headWidth + d) * params.capacity + group.x] = qkv[row + width + c];
    values[(head * params.capacity + group.x) * params.headWidth + d] = qkv[row + 2u * width + c];
  }
}
