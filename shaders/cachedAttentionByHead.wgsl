// cachedAttentionByHead: cachedAttention with a thread for a whole head of a query
//
//   bindings  as lib/cachedRows says, which is joined in front
//   notes     [sequences, queries, heads, capacity] f32: a thread's own scores
//   grid      x: 4 heads a workgroup, y: queries, z: sequences
//
// For software adapters: no barriers, no workgroup memory; maximum, sum and shares in f32.

@group(0) @binding(5) var<storage, read_write> notes: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.heads) { return; }
  let h = headOf(id.x, id.y, id.z);
  let count = h.place + 1u;
  let query = id.z * params.queries + id.y;
  let note = (query * params.heads + id.x) * params.capacity;
  if (params.queries == 1u) {
    for (var d = 0u; d < params.headWidth; d++) { remember(h, d); }
  }

  var top = least;
  for (var j = 0u; j < count; j++) {
    let score = scoreOf(h, j);
    notes[note + j] = score;
    top = max(top, score);
  }
  var sum = 0.0;
  for (var j = 0u; j < count; j++) {
    let share = exp(notes[note + j] - top);
    notes[note + j] = share;
    sum += share;
  }
  // Four columns at a time; beyond the head's they repeat its last one.
  let last = params.headWidth - 1u;
  for (var c = 0u; c < params.headWidth; c += 4u) {
    let columns = min(vec4u(c, c + 1u, c + 2u, c + 3u), vec4u(last));
    var total = vec4f();
    for (var j = 0u; j < h.place; j++) {
      let at = h.values + j * params.headWidth + columns;
      total += notes[note + j] * vec4f(values[at.x], values[at.y], values[at.z], values[at.w]);
    }
    // Its own value: what was written to the cache above is this thread's, but qkv has it too.
    let own = h.row + 2u * h.width + columns;
    total += notes[note + h.place] * vec4f(qkv[own.x], qkv[own.y], qkv[own.z], qkv[own.w]);
    let at = query * h.width + id.x * params.headWidth + c;
    for (var i = 0u; i < min(4u, params.headWidth - c); i++) { y[at + i] = total[i] / sum; }
  }
}
