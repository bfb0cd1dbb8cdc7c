// activation: what follows a sum, chosen by an override and folded by the compiler.
//
// 0 none · 1 GELU, tanh form · 2 GELU, erf form · 3 SiLU. The exponents are bounded, because exp of a large number is
// not the same everywhere (infinity, or a NaN further on).

override activation: u32 = 0;

fn activate(v: f32) -> f32 {
  switch activation {
    case 1u: { return geluTanh(v); }
    case 2u: { return geluErf(v); }
    case 3u: { return silu(v); }
    default: { return v; }
  }
}

fn sigmoid(v: f32) -> f32 {
  return 1.0 / (1.0 + exp(-clamp(v, -80.0, 80.0)));
}

fn silu(v: f32) -> f32 { return v * sigmoid(v); }

/// 0.5 · v · (1 + tanh(u)) = v · sigmoid(2u), u = √(2/π) · (v + 0.044715 · v³)
fn geluTanh(v: f32) -> f32 {
  return v * sigmoid(1.5957691216057308 * (v + 0.044715 * v * v * v));
}

/// 0.5 · v · (1 + erf(v / √2)); erf by Abramowitz and Stegun 7.1.26, absolute error 1.5e-7.
fn geluErf(v: f32) -> f32 {
  let z = min(abs(v) * 0.7071067811865476, 9.0);
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let tail = poly * exp(-z * z); // 1 − erf(z)
  return v * select(0.5 * tail, 1.0 - 0.5 * tail, v > 0.0);
}
