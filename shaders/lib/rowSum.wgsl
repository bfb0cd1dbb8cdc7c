// rowSum: the sum of one value per thread of a workgroup, in f32, over a tree of threads; every thread gets it

const threads = 64u;
var<workgroup> partial: array<f32, threads>;

fn rowSum(value: f32, thread: u32) -> f32 {
  partial[thread] = value;
  workgroupBarrier();
  for (var half = threads / 2u; half > 0u; half /= 2u) {
    if (thread < half) { partial[thread] += partial[thread + half]; }
    workgroupBarrier();
  }
  let total = partial[0];
  workgroupBarrier(); // all have read before the next sum writes
  return total;
}

