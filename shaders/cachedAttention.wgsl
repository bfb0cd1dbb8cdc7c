// cachedAttention: y[s, i] = Σ_j softmax_j(q[s, i] · k[s, j] / √headWidth) · v[s, j] over the places j up to the query's
//
//   bindings  as lib/cachedRows says, which is joined in front
//   grid      x: heads, y: queries, z: sequences; 128 threads
//
// A thread scores every 128th place, with a maximum and a sum of its own about it, in f32; all threads then go through
// what the others found. For the sum over the values 128 / headWidth threads share a column. Three barriers.

@group(0) @binding(5) var<storage, read_write> y: array<f32>;

const threads = 128u;
/// As many places as a grid may have positions.
const mostPlaces = 1024u;

var<workgroup> shares: array<f32, mostPlaces>;
var<workgroup> tops: array<f32, threads>;
var<workgroup> sums: array<f32, threads>;

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let h = headOf(group.x, group.y, group.z);
  let count = min(h.place + 1u, mostPlaces);
  if (params.queries == 1u) {
    for (var d = thread; d < params.headWidth; d += threads) { remember(h, d); }
  }

  var top = least;
  var sum = 0.0;
  for (var j = thread; j < count; j += threads) {
    let score = scoreOf(h, j);
    let next = max(top, score);
    sum = sum * exp(top - next) + exp(score - next);
    top = next;
    shares[j] = score;
  }
  tops[thread] = top;
  sums[thread] = sum;
  workgroupBarrier();

  var most = least;
  for (var i = 0u; i < min(threads, count); i++) { most = max(most, tops[i]); }
  var total = 0.0;
  for (var i = 0u; i < min(threads, count); i++) { total += sums[i] * exp(tops[i] - most); }
  workgroupBarrier(); // sums is used again below
  for (var j = thread; j < count; j += threads) { shares[j] = exp(shares[j] - most) / total; }
  workgroupBarrier();

  let parts = threads / params.headWidth;
  let d = thread % params.headWidth;
  let part = thread / params.headWidth;
  var value = 0.0;
  if (part < parts) {
    for (var j = part; j < count; j += parts) {
      if (isOwn(h, j)) { value += shares[j] * qkv[h.row + 2u * h.width + d]; }
      else { value += shares[j] * values[h.values + j * params.headWidth + d]; }
    }
  }
  sums[thread] = value;
  workgroupBarrier();
  if (part > 0u) { return; }
  for (var i = 1u; i < parts; i++) { value += sums[i * params.headWidth + d]; }
  y[(group.z * params.queries + group.y) * h.width + group.x * params.headWidth + d] = value;
}
