// subgroupMatrix: matrices that a subgroup holds together, as far as linearMatrix needs them
//
// Joined behind `enable chromium_experimental_subgroup_matrix`, the constants matrixRows, matrixCols and matrixTerms (a
// shape that the adapter offers for f16 × f16 + f32), and in front of linearMatrix, whose workgroup memory it reads. The
// tests join testing/emulatedMatrix.wgsl in its place, so that everything else runs on any adapter.

/// What workgroup memory holds of the operands.
alias Half = f16;

alias Left = subgroup_matrix_left<f16, matrixTerms, matrixRows>;
alias Right = subgroup_matrix_right<f16, matrixCols, matrixTerms>;
alias Product = subgroup_matrix_result<f32, matrixCols, matrixRows>;

fn loadLeft(at: u32) -> Left { return subgroupMatrixLoad<Left, row_major>(&left, at, leftStride); }

fn loadRight(at: u32) -> Right { return subgroupMatrixLoad<Right, row_major>(&right, at, rightStride); }

fn multiplyAdd(a: Left, b: Right, sum: Product) -> Product { return subgroupMatrixMultiplyAccumulate(a, b, sum); }

fn storeProduct(at: u32, sum: Product) { subgroupMatrixStore<row_major>(&patches, at, sum, matrixCols); }

