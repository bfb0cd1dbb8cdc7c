enable subgroups;

// rowSum: as lib/rowSum.wgsl, first over each subgroup, then over those: two barriers instead of eight
//
// Subgroups of any size; that they are neighbouring threads is what every implementation does with a workgroup in a line.

const threads = 64u;
var<workgroup> partial: array<f32, threads>;

fn rowSum(value: f32, thread: u32) -> f32 {
  let size = subgroupAdd(1u);
  let sum = subgroupAdd(value);
  if (thread % size == 0u) { partial[thread / size] = sum; }
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < threads / size; i++) { total += partial[i]; }
  workgroupBarrier(); // all have read before the next sum writes
  return total;
}

