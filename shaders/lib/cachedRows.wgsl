// cachedRows: what the attention over a cache binds. Joined in front of cachedAttention and cachedAttentionByHead,
// behind lib/stepParams.
//
//   stepParams  step is the place of the query where there is one a sequence
//   qkv         [sequences · queries, 3 · width] f32: query, key, value of a row side by side, heads in order in each
//   keys        [sequences, heads, headWidth, capacity] f32: of every place before, a column each
//   values      [sequences, heads, capacity, headWidth] f32: a row each
//   y           [sequences · queries, width] f32, width = heads · headWidth
//
// One query a sequence stands at the step's place and remembers its own key and value there, each head in its own part
// of the cache; it reads them from qkv. Several queries stand at places 0 … queries − 1, and fillCache has been before.

struct Params { sequences: u32, queries: u32, capacity: u32, heads: u32, headWidth: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> stepParams: StepParams;
@group(0) @binding(2) var<storage, read> qkv: array<f32>;
@group(0) @binding(3) var<storage, read_write> keys: array<f32>;
@group(0) @binding(4) var<storage, read_write> values: array<f32>;

const least = -3.4e38;

/// Where the parts of one head of one query lie, and its place.
struct Head { row: u32, width: u32, keys: u32, values: u32, place: u32 }

fn headOf(head: u32, query: u32, sequence: u32) -> Head {
  let width = params.heads * params.headWidth;
  let part = (sequence * params.heads + head) * params.headWidth * params.capacity;
  let row = (sequence * params.queries + query) * 3u * width + head * params.headWidth;
  let place = select(query, stepParams.step, params.queries == 1u);
  return Head(row, width, part, part, min(place, params.capacity - 1u));
}

fn remember(h: Head, d: u32) {
  keys[h.keys + d * params.capacity + h.place] = qkv[h.row + h.width + d];
  values[h.values + h.place * params.headWidth + d] = qkv[h.row + 2u * h.width + d];
}

fn isOwn(h: Head, j: u32) -> bool { return params.queries == 1u && j == h.place; }

fn scoreOf(h: Head, j: u32) -> f32 {
  var sum = 0.0;
  if (isOwn(h, j)) {
    for (var d = 0u; d < params.headWidth; d++) { sum += qkv[h.row + d] * qkv[h.row + h.width + d]; }
  } else {
    for (var d = 0u; d < params.headWidth; d++) { sum += qkv[h.row + d] * keys[h.keys + d * params.capacity + j]; }
  }
  return sum * inverseSqrt(f32(params.headWidth));
}
