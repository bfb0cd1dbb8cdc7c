// weights: four neighbouring columns of a matrix, stored as f16, two to a word. Read so on every device: the type f16
// itself, where there is one, was no faster.

alias Weights4 = vec2u;

/// What a sum of widened weights is multiplied by.
const weightUnit = 1.0;

fn widen(w: Weights4) -> vec4f { return vec4f(unpack2x16float(w.x), unpack2x16float(w.y)); }

