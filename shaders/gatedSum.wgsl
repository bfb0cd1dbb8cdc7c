// gatedSum: y[r, c] = x[r, c] + gate[s, gateAt + c] · branch[r, c]
//
//   x, branch, y  [rows, cols] f32
//   gate          [sequences, gateCols] f32; row r belongs to sequence s = r / rowsPerSequence modulo sequences
//   grid          one element a thread
//
// Joined behind lib/elements.wgsl.

struct Params { rows: u32, cols: u32, sequences: u32, rowsPerSequence: u32, gateCols: u32, gateAt: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> branch: array<f32>;
@group(0) @binding(3) var<storage, read> gate: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = elementOf(id, groups);
  if (i >= params.rows * params.cols) { return; }
  let sequence = i / params.cols / params.rowsPerSequence % params.sequences;
  y[i] = x[i] + gate[sequence * params.gateCols + params.gateAt + i % params.cols] * branch[i];
}
