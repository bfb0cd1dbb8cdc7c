// weights: four neighbouring columns of a matrix, stored as whole numbers from -127 to 127, the first in the lowest byte
// of a word. The column's scale comes behind the sum, and with it the 127 that unpacking divides by: that is one
// instruction on hardware, and on a software adapter a fifth faster than shifts.

alias Weights4 = u32;

/// What a sum of widened weights is multiplied by.
const weightUnit = 127.0;

fn widen(w: Weights4) -> vec4f { return unpack4x8snorm(w); }

