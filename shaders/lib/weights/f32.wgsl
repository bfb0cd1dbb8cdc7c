// weights: four neighbouring columns of a matrix, stored as f32

alias Weights4 = vec4f;

/// What a sum of widened weights is multiplied by.
const weightUnit = 1.0;

fn widen(w: Weights4) -> vec4f { return w; }

