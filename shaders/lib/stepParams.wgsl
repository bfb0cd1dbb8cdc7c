// stepParams: the numbers of one sampling step. Written by packStepParams in src/core/stepParams.ts, field by field.

struct StepParams {
  seed: u32,
  step: u32,
  temperature: f32,
  choiceScale: f32,
  masked: u32,
  guidanceScale: f32,
  nullRow: i32,
  reopens: u32,
  byRank: u32,
  byLogit: u32,
  infinity: f32,
}
