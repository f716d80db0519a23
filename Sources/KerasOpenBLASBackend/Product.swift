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

/// The product of each of some vectors with each of others, outside any graph: `result[i, j] = a[i] · b[j]`.
///
/// - Parameters:
///   - a: vectors of `width` numbers, one behind the other; `b` the same.
///   - result: room for a number for each pair, those of `a[0]` first.
///   - threads: as for programs of this backend, one count for the whole process; nil for one a core.
package func dotProducts(
  of a: UnsafeBufferPointer<Float>, with b: UnsafeBufferPointer<Float>, width: Int,
  into result: UnsafeMutableBufferPointer<Float>, threads: Int? = nil
) {
  guard width > 0, let x = a.baseAddress, let y = b.baseAddress, let sums = result.baseAddress else { return }
  let (rows, columns) = (a.count / width, b.count / width)
  precondition(result.count >= rows * columns, "no room for \(rows) × \(columns) products")
  useBLASThreads(threads)
  BLASMultiplier().multiply(
    MatrixProduct(
      Matrix(x, stride: width), Matrix(y, stride: width, isTransposed: true), into: sums, stride: columns,
      rows: rows, depth: width, columns: columns))
}

/// Tells OpenBLAS, which has one count of threads for the whole process.
func useBLASThreads(_ count: Int?) {
  let threads = Int32(count ?? Int(openblas_get_num_procs()))
  if openblas_get_num_threads() != threads { openblas_set_num_threads(threads) }
}
