import COpenBLAS
import KerasPlainKernels

/// OpenBLAS' matrix products, in both precisions.
struct BLASMultiplier: MatrixMultiplier {
  var name: String { "gemm" }
  var longestSide: Int { Int(blasint.max) }

  func multiply(_ product: MatrixProduct<Float>) {
    guard product.isSomething else { return }
    cblas_sgemm(
      CblasRowMajor, product.a.flag, product.b.flag, blasint(product.rows), blasint(product.columns),
      blasint(product.depth), 1, product.a.start, product.a.leading, product.b.start, product.b.leading,
      product.accumulates ? 1 : 0, product.result, blasint(product.stride))
  }

  func multiply(_ product: MatrixProduct<Double>) {
    guard product.isSomething else { return }
    cblas_dgemm(
      CblasRowMajor, product.a.flag, product.b.flag, blasint(product.rows), blasint(product.columns),
      blasint(product.depth), 1, product.a.start, product.a.leading, product.b.start, product.b.leading,
      product.accumulates ? 1 : 0, product.result, blasint(product.stride))
  }
}

extension MatrixProduct {
  fileprivate var isSomething: Bool { rows > 0 && columns > 0 }
}

extension Matrix {
  fileprivate var flag: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
  /// BLAS wants strides of at least 1, also where nothing is read.
  fileprivate var leading: blasint { blasint(max(stride, 1)) }
}
