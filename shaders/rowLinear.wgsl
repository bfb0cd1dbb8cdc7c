// rowLinear: y[r, c] = activation(columnScale[c] · Σ_k x[r, k] · weight[k, c] + bias[c]) + residual[r, c] for a row or two
//
//   bindings  as lib/rowProduct says, which is joined in front
//   grid      x: 8 blocks of 4 columns a workgroup, y: pairs of rows; 8 × 32 threads
//
// With so few rows the weights are read once and used once: what counts is that many threads read at the same time. So
// 32 threads share a block, each sums every 32nd term, and the first of them adds those sums up, in f32.

const blocksHere = 8u;
const parts = 32u;

var<workgroup> sums: array<vec4f, 256>;
var<workgroup> others: array<vec4f, 256>;

@compute @workgroup_size(blocksHere, parts)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let blocks = params.outWidth / 4u;
  let block = blocksHere * group.x + thread.x;
  let column = min(block, blocks - 1u);
  let row = 2u * group.y;
  let first = row * params.inWidth;
  let second = min(row + 1u, params.rows - 1u) * params.inWidth;

  var sum = vec4f();
  var other = vec4f();
  for (var k = thread.y; k < params.inWidth; k += parts) {
    let w = widen(weight[k * blocks + column]);
    sum += x[first + k] * w;
    if (isPair) { other += x[second + k] * w; }
  }
  let at = thread.y * blocksHere + thread.x;
  sums[at] = sum;
  if (isPair) { others[at] = other; }
  workgroupBarrier();

  // Parts without a term are left out. The compiler cannot know the end of these loops: written out, they take software
  // adapters seconds.
  let used = min(parts, params.inWidth);
  if (thread.y == 0u) {
    for (var part = 1u; part < used; part++) { sum += sums[part * blocksHere + thread.x]; }
    store(row, block, sum);
  }
  if (isPair && thread.y == 1u) {
    other = others[thread.x];
    for (var part = 1u; part < used; part++) { other += others[part * blocksHere + thread.x]; }
    store(row + 1u, block, other);
  }
}
