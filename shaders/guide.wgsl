// guide: y[p, c] = (1 + w) · logits[row_p, p, c] − w · logits[nullRow, p, c], or logits[row_p, p, c] without a null row
//
//   logits         [rows, positions, codebook] f32
//   rowOfPosition  [positions] i32, row_p: the class that a position is painted as
//   y              [positions, codebook] f32
//   grid           (codebook / threads, positions) workgroups, one element a thread
//
// w and nullRow change from step to step and come from stepParams (shaders/lib/stepParams.wgsl, joined in front).

struct Params { rows: u32, positions: u32, codebook: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> stepParams: StepParams;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read> rowOfPosition: array<i32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

const threads = 64u;

fn logitOf(row: i32, position: u32, code: u32) -> f32 {
  let inside = min(u32(max(row, 0)), params.rows - 1u);
  return logits[(inside * params.positions + position) * params.codebook + code];
}

@compute @workgroup_size(threads)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let code = id.x;
  let position = id.y;
  if (code >= params.codebook) { return; }
  var value = logitOf(rowOfPosition[position], position, code);
  if (stepParams.nullRow >= 0) {
    let w = stepParams.guidanceScale;
    value = (1.0 + w) * value - w * logitOf(stepParams.nullRow, position, code);
  }
  y[position * params.codebook + code] = value;
}
