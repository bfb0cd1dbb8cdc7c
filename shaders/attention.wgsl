// attention: y[s, i, h] = Σ_j softmax_j(q[s, i, h] · k[s, j, h] / √headWidth) · v[s, j, h], j over the whole sequence
//
//   qkv   [sequences, length, 3 · width] f32: query, key, value of a row side by side, heads in order in each
//   places  [queries, pictures] i32, read when isListed: query i is row first + places[i, s mod pictures] (-1, behind the
//         last, reads like 0) and its result row (i, s) of y; else query i is row i and its result row (s, i)
//   y     [sequences · queries, width]   f32, width = heads · headWidth
//   grid  x: 16 queries a workgroup, y: heads, z: sequences; 4 · ⌈headWidth / 4⌉ threads, 16 at least
//
// No [length, length] matrix is stored: keys come in slabs of up to 128, with a running maximum and sum in f32 (online
// softmax, Milakov and Gimelshein 2018). A thread owns 4 queries × 4 columns of y in registers. Four barriers a slab.

struct Params { sequences: u32, length: u32, heads: u32, headWidth: u32, queries: u32, first: u32, pictures: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<f32>;
@group(0) @binding(2) var<storage, read> places: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

override threads: u32;

const queries = 16u;
const slab = 128u;
/// Threads that share a row in the softmax: at most 128 / 16.
const maxStripes = 8u;
const least = -3.4e38;

/// [query][key of the slab]: first the scores, then exp(score − maximum).
var<workgroup> share: array<f32, queries * slab>;
/// [query][stripe]: first maxima, at the end sums.
var<workgroup> partial: array<f32, queries * maxStripes>;
/// [query] what sums over earlier slabs are multiplied by, now that the maximum is another.
var<workgroup> rescale: array<f32, queries>;

/// Scores of 4 queries × 4 keys; rows are offsets of q and k in qkv.
fn scoreTile(q: vec4u, k: vec4u) -> mat4x4f {
  var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
  for (var d = 0u; d < params.headWidth; d++) {
    let a = vec4f(qkv[q.x + d], qkv[q.y + d], qkv[q.z + d], qkv[q.w + d]);
    let b = vec4f(qkv[k.x + d], qkv[k.y + d], qkv[k.z + d], qkv[k.w + d]);
    s0 += a.x * b;
    s1 += a.y * b;
    s2 += a.z * b;
    s3 += a.w * b;
  }
  return inverseSqrt(f32(params.headWidth)) * mat4x4f(s0, s1, s2, s3);
}

/// Fill `share` with the scores of `count` keys from `first`; 4 × 4 tiles are dealt to the threads in turn.
fn scoreSlab(sequence: u32, base: u32, firstQuery: u32, first: u32, count: u32, thread: u32) {
  let width = params.heads * params.headWidth;
  let last = params.length - 1u;
  let four = vec4u(0, 1, 2, 3);
  for (var tile = thread; tile < (queries / 4u) * ((count + 3u) / 4u); tile += threads) {
    let query = 4u * (tile % (queries / 4u));
    let key = 4u * (tile / (queries / 4u));
    let q = base + 3u * width * rowsOf(sequence, vec4u(firstQuery + query) + four);
    let k = base + width + 3u * width * min(vec4u(first + key) + four, vec4u(last));
    let scores = scoreTile(q, k);
    for (var i = 0u; i < 4u; i++) {
      let at = (query + i) * slab + key;
      share[at] = scores[i].x;
      share[at + 1u] = scores[i].y;
      share[at + 2u] = scores[i].z;
      share[at + 3u] = scores[i].w;
    }
  }
}

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let width = params.heads * params.headWidth;
  let firstQuery = queries * group.x;
  let base = group.z * params.length * 3u * width + group.y * params.headWidth;

  // As a worker of the softmax: one query, every stripes-th key.
  let stripes = min(threads / queries, maxStripes);
  let row = thread % queries;
  let stripe = thread / queries;
  let striped = stripe < stripes;
  var maximum = least;
  var sum = 0.0;

  // As an owner of results: 4 queries and 4 columns that lie columnStep apart.
  let columnStep = (params.headWidth + 3u) / 4u;
  let query = 4u * (thread / columnStep);
  let owns = query < queries;
  let own = select(0u, query, owns);
  let columns = min(thread % columnStep + columnStep * vec4u(0, 1, 2, 3), vec4u(params.headWidth - 1u));
  var y0 = vec4f(); var y1 = vec4f(); var y2 = vec4f(); var y3 = vec4f();

  for (var first = 0u; first < params.length; first += slab) {
    let count = min(slab, params.length - first);
    scoreSlab(group.z, base, firstQuery, first, count, thread);
    workgroupBarrier();

    if (striped) {
      var most = least;
      for (var j = stripe; j < count; j += stripes) { most = max(most, share[row * slab + j]); }
      partial[row * maxStripes + stripe] = most;
    }
    workgroupBarrier();

    if (striped) {
      var most = maximum;
      for (var i = 0u; i < stripes; i++) { most = max(most, partial[row * maxStripes + i]); }
      let shrink = exp(maximum - most);
      maximum = most;
      sum *= shrink;
      for (var j = stripe; j < count; j += stripes) {
        let e = exp(share[row * slab + j] - most);
        share[row * slab + j] = e;
        sum += e;
      }
      if (stripe == 0u) { rescale[row] = shrink; }
    }
    workgroupBarrier();

    if (owns) {
      y0 *= rescale[own];
      y1 *= rescale[own + 1u];
      y2 *= rescale[own + 2u];
      y3 *= rescale[own + 3u];
      for (var j = 0u; j < count; j++) {
        let v = base + (first + j) * 3u * width + 2u * width;
        let values = vec4f(qkv[v + columns.x], qkv[v + columns.y], qkv[v + columns.z], qkv[v + columns.w]);
        y0 += share[own * slab + j] * values;
        y1 += share[(own + 1u) * slab + j] * values;
        y2 += share[(own + 2u) * slab + j] * values;
        y3 += share[(own + 3u) * slab + j] * values;
      }
    }
    workgroupBarrier(); // before the next slab overwrites the shares
  }

  if (striped) { partial[row * maxStripes + stripe] = sum; }
  workgroupBarrier();
  if (!owns) { return; }
  var results = array(y0, y1, y2, y3);
  // An end that the compiler cannot know: see linear.
  for (var i = 0u; i < min(4u, params.queries - min(params.queries, firstQuery + own)); i++) {
    var total = 0.0;
    for (var part = 0u; part < stripes; part++) { total += partial[(own + i) * maxStripes + part]; }
    let at = resultRow(group.z, firstQuery + own + i) * width + group.y * params.headWidth;
    // Columns beyond the edge were clamped to the last one and hold its value: writing it again is harmless.
    y[at + columns.x] = results[i].x / total;
    y[at + columns.y] = results[i].y / total;
    y[at + columns.z] = results[i].z / total;
    y[at + columns.w] = results[i].w / total;
  }
}
