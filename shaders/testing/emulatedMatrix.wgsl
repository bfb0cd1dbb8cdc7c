// emulatedMatrix: lib/subgroupMatrix.wgsl for adapters that have no such matrices
//
// Operands stay where they are in workgroup memory; a result is spread over the lanes of a subgroup, `held` elements each.
// In f32 throughout, so that what is left to differ from the reference is where things are read from and written to.
// The tests put `subgroupLanes` in front, set `lane` at the start of main, and let the kernel's loops end at `times`.

alias Half = f32;

const held = (matrixRows * matrixCols + subgroupLanes - 1u) / subgroupLanes;

struct Left { at: u32 }
struct Right { at: u32 }
struct Product { elements: array<f32, held> }

var<private> lane: u32;

/// A count that the compiler cannot know: loops written out a hundred times take llvmpipe a minute.
fn times(count: u32) -> u32 { return min(count, count * params.rows); }

fn loadLeft(at: u32) -> Left { return Left(at); }

fn loadRight(at: u32) -> Right { return Right(at); }

fn multiplyAdd(a: Left, b: Right, sum: Product) -> Product {
  var result = sum;
  for (var i = 0u; i < held; i++) {
    let at = i * subgroupLanes + lane;
    for (var k = 0u; k < times(matrixTerms); k++) {
      let term = left[a.at + at / matrixCols * leftStride + k] * right[b.at + k * rightStride + at % matrixCols];
      if (at < matrixRows * matrixCols) { result.elements[i] += term; }
    }
  }
  return result;
}

fn storeProduct(at: u32, sum: Product) {
  for (var i = 0u; i < held; i++) {
    let element = i * subgroupLanes + lane;
    if (element < matrixRows * matrixCols) { patches[at + element] = sum.elements[i]; }
  }
}

