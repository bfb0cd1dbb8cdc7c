// lookup: y[p, e] = codebook[tokens[p], e], or 0 where tokens[p] is no entry (MASK)
//
//   tokens    [positions]            i32
//   codebook  [entries, embedding]   f32
//   y         [positions, embedding] f32
//   grid      one element of y a thread
//
// Joined behind lib/elements.wgsl.

struct Params { positions: u32, entries: u32, embedding: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> tokens: array<i32>;
@group(0) @binding(2) var<storage, read> codebook: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = elementOf(id, groups);
  if (i >= params.positions * params.embedding) { return; }
  let token = u32(tokens[i / params.embedding]); // MASK becomes a large number
  let isEntry = token < params.entries;
  let at = select(0u, token * params.embedding, isEntry) + i % params.embedding;
  y[i] = select(0.0, codebook[at], isEntry);
}
