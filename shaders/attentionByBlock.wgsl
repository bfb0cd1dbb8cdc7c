// attentionByBlock: attention with a thread for a whole block of 4 queries
//
//   qkv     [sequences, length, 3 · width] f32: query, key, value of a row side by side, heads in order in each
//   places  [queries, pictures] i32, as in attention
//   shares  [sequences, heads, blocks, slab] vec4f, blocks = ⌈queries / 4⌉: a thread's own notes, of four queries each
//   y       [sequences · queries, width]   f32, width = heads · headWidth
//   grid    x: `threads` blocks a workgroup, y: heads, z: sequences
//
// For software adapters, where each thread of a kernel with barriers costs tens of microseconds: no barriers, no
// workgroup memory, 4 × 8 sums in registers. Keys come in slabs of 128 with a running maximum and sum in f32, as in
// attention; between slabs y holds what has been summed so far.

struct Params { sequences: u32, length: u32, heads: u32, headWidth: u32, queries: u32, first: u32, pictures: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<f32>;
@group(0) @binding(2) var<storage, read> places: array<i32>;
@group(0) @binding(3) var<storage, read_write> shares: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

override threads: u32;

const slab = 128u;
const least = -3.4e38;
const four = vec4u(0, 1, 2, 3);

/// qkv at four offsets.
fn load(at: vec4u) -> vec4f {
  return vec4f(qkv[at.x], qkv[at.y], qkv[at.z], qkv[at.w]);
}

/// Note the scores of `count` keys from `first`, and return the largest of each query.
fn scoreSlab(q: vec4u, keys: u32, first: u32, count: u32, notes: u32) -> vec4f {
  let stride = 3u * params.heads * params.headWidth;
  let scale = inverseSqrt(f32(params.headWidth));
  var most = vec4f(least);
  // Four queries (in the lanes) × 8 keys at a time; keys beyond the end repeat the last one.
  for (var j = 0u; j < count; j += 8u) {
    let a = keys + stride * min(vec4u(first + j) + four, vec4u(params.length - 1u));
    let b = keys + stride * min(vec4u(first + j + 4u) + four, vec4u(params.length - 1u));
    var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
    var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
    for (var d = 0u; d < params.headWidth; d++) {
      let query = load(q + d);
      let k = load(a + d);
      let l = load(b + d);
      s0 += query * k.x; s1 += query * k.y; s2 += query * k.z; s3 += query * k.w;
      s4 += query * l.x; s5 += query * l.y; s6 += query * l.z; s7 += query * l.w;
    }
    // A loop whose end the compiler cannot know, here and below: written out, it takes software adapters seconds.
    var scores = array(s0, s1, s2, s3, s4, s5, s6, s7);
    for (var i = 0u; i < min(8u, count - j); i++) { shares[notes + j + i] = scale * scores[i]; }
    let lower = max(max(s0, s1), max(s2, s3));
    most = max(most, scale * max(lower, max(max(s4, s5), max(s6, s7))));
  }
  return most;
}

@compute @workgroup_size(threads)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let firstQuery = 4u * id.x;
  if (firstQuery >= params.queries) { return; }
  let width = params.heads * params.headWidth;
  let stride = 3u * width;
  let base = id.z * params.length * stride + id.y * params.headWidth;
  let blocks = (params.queries + 3u) / 4u;
  let notes = slab * ((id.z * params.heads + id.y) * blocks + id.x);
  let q = base + stride * rowsOf(id.z, vec4u(firstQuery) + four);

  var maximum = vec4f(least);
  var sum = vec4f();
  for (var first = 0u; first < params.length; first += slab) {
    let count = min(slab, params.length - first);
    let most = max(maximum, scoreSlab(q, base + width, first, count, notes));
    let shrink = exp(maximum - most);
    maximum = most;
    sum *= shrink;
    for (var j = 0u; j < count; j++) {
      let e = exp(shares[notes + j] - most);
      shares[notes + j] = e;
      sum += e;
    }
    let isLast = first + slab >= params.length;
    let scale = select(vec4f(1.0), 1.0 / sum, isLast);

    // Four queries (in the lanes) × 8 columns at a time; columns beyond the head's repeat its last one.
    for (var c = 0u; c < params.headWidth; c += 8u) {
      let values = base + 2u * width + stride * first;
      let a = values + min(vec4u(c) + four, vec4u(params.headWidth - 1u));
      let b = values + min(vec4u(c + 4u) + four, vec4u(params.headWidth - 1u));
      var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
      var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
      for (var j = 0u; j < count; j++) {
        let share = shares[notes + j];
        let v = load(a + stride * j);
        let w = load(b + stride * j);
        s0 += share * v.x; s1 += share * v.y; s2 += share * v.z; s3 += share * v.w;
        s4 += share * w.x; s5 += share * w.y; s6 += share * w.z; s7 += share * w.w;
      }
      var sums = array(s0, s1, s2, s3, s4, s5, s6, s7);
      let rowsHere = min(4u, params.queries - firstQuery);
      for (var i = 0u; i < rowsHere * min(8u, params.headWidth - c); i++) {
        let r = i % rowsHere;
        let column = i / rowsHere;
        let at = resultRow(id.z, firstQuery + r) * width + id.y * params.headWidth + c + column;
        var total = sums[column][r];
        if (first > 0u) { total += shrink[r] * y[at]; }
        y[at] = scale[r] * total;
      }
    }
  }
}
