// guide: y[i, b, c] = (1 + w) · logits[i, row_p, b, c] − w · logits[i, nullRow, b, c], or logits[i, row_p, b, c] without a
//        null row, p = places[i, b]
//
//   stepParams     [pictures], where w and nullRow come from (shaders/lib/stepParams.wgsl, joined in front)
//   logits         [entries, rows, pictures, codebook] f32
//   places         [entries, pictures] i32; -1 behind the last reads like 0
//   rowOfPosition  [positions] i32, row_p: the class that a position is painted as
//   y              [entries, pictures, codebook] f32
//   grid           (codebook / threads, entries, pictures) workgroups, one element a thread

struct Params { rows: u32, entries: u32, pictures: u32, codebook: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> stepParams: array<StepParams>;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read> places: array<i32>;
@group(0) @binding(4) var<storage, read> rowOfPosition: array<i32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

const threads = 64u;

fn logitOf(row: i32, entry: u32, picture: u32, code: u32) -> f32 {
  let inside = min(u32(max(row, 0)), params.rows - 1u);
  return logits[((entry * params.rows + inside) * params.pictures + picture) * params.codebook + code];
}

@compute @workgroup_size(threads)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let code = id.x;
  let entry = id.y;
  let picture = id.z;
  if (code >= params.codebook) { return; }
  let at = entry * params.pictures + picture;
  var value = logitOf(rowOfPosition[max(places[at], 0)], entry, picture, code);
  let nullRow = stepParams[picture].nullRow;
  if (nullRow >= 0) {
    let w = stepParams[picture].guidanceScale;
    value = (1.0 + w) * value - w * logitOf(nullRow, entry, picture, code);
  }
  y[at * params.codebook + code] = value;
}
