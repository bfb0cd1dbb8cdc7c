// rowProduct: what the products of a few rows share: what is bound to them, and what follows a sum. Joined in front of
// rowLinear and rowLinearByBlock, behind lib/weights and lib/activation.
//
//   x            [rows, inWidth]     f32, row-major
//   weight       [inWidth, outWidth] as lib/weights says; outWidth is a multiple of 4
//   columnScale  [outWidth]          f32, read when isScaled (int8 weights); bias likewise when hasBias
//   residual, y  [rows, outWidth]    f32; residual is read when hasResidual

struct Params { rows: u32, inWidth: u32, outWidth: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<Weights4>;
@group(0) @binding(3) var<storage, read> columnScale: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read> residual: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;

override isScaled: bool;
override hasBias: bool;
override hasResidual: bool;
/// Whether there is a second row: without one its sums are not computed.
override isPair: bool;

fn store(row: u32, block: u32, sum: vec4f) {
  let blocks = params.outWidth / 4u;
  if (row >= params.rows || block >= blocks) { return; }
  let at = row * blocks + block;
  var value = sum;
  if (isScaled) { value *= weightUnit * columnScale[block]; }
  if (hasBias) { value += bias[block]; }
  value = vec4f(activate(value.x), activate(value.y), activate(value.z), activate(value.w));
  if (hasResidual) { value += residual[at]; }
  y[at] = value;
}
