// guide: y[i, c] = (1 + w) · logits[i, row_p, c] − w · logits[i, nullRow, c], or logits[i, row_p, c] without a null row
//
//   logits         [entries, rows, codebook] f32
//   places         [entries] i32, p above; -1 behind the last reads like 0
//   rowOfPosition  [positions] i32, row_p: the class that a position is painted as
//   y              [entries, codebook] f32
//   grid           (codebook / threads, entries) workgroups, one element a thread
//
// w and nullRow change from step to step and come from stepParams (shaders/lib/stepParams.wgsl, joined in front).

struct Params { rows: u32, entries: u32, codebook: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> stepParams: StepParams;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read> places: array<i32>;
@group(0) @binding(4) var<storage, read> rowOfPosition: array<i32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

const threads = 64u;

fn logitOf(row: i32, entry: u32, code: u32) -> f32 {
  let inside = min(u32(max(row, 0)), params.rows - 1u);
  return logits[(entry * params.rows + inside) * params.codebook + code];
}

@compute @workgroup_size(threads)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let code = id.x;
  let entry = id.y;
  if (code >= params.codebook) { return; }
  var value = logitOf(rowOfPosition[max(places[entry], 0)], entry, code);
  if (stepParams.nullRow >= 0) {
    let w = stepParams.guidanceScale;
    value = (1.0 + w) * value - w * logitOf(stepParams.nullRow, entry, code);
  }
  y[entry * params.codebook + code] = value;
}
