// rowLinearByBlock: rowLinear with a thread for two blocks of 4 columns
//
//   bindings  as lib/rowProduct says, which is joined in front
//   grid      x: 16 blocks of 4 columns a workgroup, y: pairs of rows; 8 threads of 2 blocks × 2 rows
//
// For software adapters: no barriers, no workgroup memory, sums over k in order, in f32. A thread's two blocks lie 8
// apart; beyond the edge it reads the last block and writes nothing.

const threads = 8u;

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let blocks = params.outWidth / 4u;
  let block = 2u * threads * group.x + thread.x;
  let row = 2u * group.y;
  let first = row * params.inWidth;
  let second = min(row + 1u, params.rows - 1u) * params.inWidth;

  var near = vec4f(); var far = vec4f();
  var otherNear = vec4f(); var otherFar = vec4f();
  var nearAt = min(block, blocks - 1u);
  var farAt = min(block + threads, blocks - 1u);
  for (var k = 0u; k < params.inWidth; k++) {
    let a = widen(weight[nearAt]);
    let b = widen(weight[farAt]);
    let value = x[first + k];
    near += value * a;
    far += value * b;
    if (isPair) {
      let other = x[second + k];
      otherNear += other * a;
      otherFar += other * b;
    }
    nearAt += blocks;
    farAt += blocks;
  }
  store(row, block, near);
  store(row, block + threads, far);
  if (isPair) {
    store(row + 1u, block, otherNear);
    store(row + 1u, block + threads, otherFar);
  }
}
