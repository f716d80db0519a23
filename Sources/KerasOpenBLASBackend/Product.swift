import COpenBLAS
import Dispatch
import KerasPlainKernels

/// OpenBLAS' matrix products, in both precisions.
///
/// Large ones are divided by their sizes alone into parts that one thread computes each, so that no bit of a result
/// depends on how many threads there are; OpenBLAS itself uses one.
struct BLASMultiplier: MatrixMultiplier {
  /// Nil for one a core.
  let threads: Int?

  init(threads: Int?) {
    self.threads = threads
    if openblas_get_num_threads() != 1 { openblas_set_num_threads(1) }
  }

  var name: String { "gemm" }
  var longestSide: Int { Int(blasint.max) }

  func multiply(_ product: MatrixProduct<Float>) {
    product.inParts(on: threads) { product in
      cblas_sgemm(
        CblasRowMajor, product.a.flag, product.b.flag, blasint(product.rows), blasint(product.columns),
        blasint(product.depth), 1, product.a.start, product.a.leading, product.b.start, product.b.leading,
        product.accumulates ? 1 : 0, product.result, blasint(product.stride))
    }
  }

  func multiply(_ product: MatrixProduct<Double>) {
    product.inParts(on: threads) { product in
      cblas_dgemm(
        CblasRowMajor, product.a.flag, product.b.flag, blasint(product.rows), blasint(product.columns),
        blasint(product.depth), 1, product.a.start, product.a.leading, product.b.start, product.b.leading,
        product.accumulates ? 1 : 0, product.result, blasint(product.stride))
    }
  }
}

extension MatrixProduct {
  /// Calls `multiply` with parts of the product's columns or rows, which are done side by side.
  fileprivate func inParts(on threads: Int?, _ multiply: (MatrixProduct) -> Void) {
    guard rows > 0, columns > 0 else { return }
    let isByColumns = columns >= rows
    let (length, unit) = (isByColumns ? columns : rows, 64)
    // Below a few million products waking a thread is not worth it.
    let wanted = Swift.max(Int(Double(rows) * Double(columns) * Double(depth) / 4e6), 1)
    let step = ((length + wanted - 1) / wanted + unit - 1) / unit * unit
    let count = (length + step - 1) / step
    guard count > 1 else { return multiply(self) }
    let workers = Swift.min(threads ?? Int(openblas_get_num_procs()), count)
    withoutActuallyEscaping(multiply) { multiply in
      let job = Job(product: self, multiply: multiply)
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        for part in Swift.stride(from: worker, to: count, by: workers) {
          let range = part * step..<Swift.min((part + 1) * step, length)
          job.multiply(isByColumns ? job.product.columns(range) : job.product.rows(range))
        }
      }
    }
  }

  /// Sendable by rule, not by type: every part writes elsewhere.
  private struct Job: @unchecked Sendable {
    let product: MatrixProduct
    let multiply: (MatrixProduct) -> Void
  }

  private func rows(_ range: Range<Int>) -> MatrixProduct {
    MatrixProduct(
      a.moved(by: range.lowerBound * (a.isTransposed ? 1 : a.stride)), b,
      into: result + range.lowerBound * stride, stride: stride, rows: range.count, depth: depth,
      columns: columns, accumulates: accumulates)
  }

  private func columns(_ range: Range<Int>) -> MatrixProduct {
    MatrixProduct(
      a, b.moved(by: range.lowerBound * (b.isTransposed ? b.stride : 1)), into: result + range.lowerBound,
      stride: stride, rows: rows, depth: depth, columns: range.count, accumulates: accumulates)
  }
}

extension Matrix {
  fileprivate func moved(by count: Int) -> Matrix {
    Matrix(start + count, stride: stride, isTransposed: isTransposed)
  }
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
  BLASMultiplier(threads: threads).multiply(
    MatrixProduct(
      Matrix(x, stride: width), Matrix(y, stride: width, isTransposed: true), into: sums, stride: columns,
      rows: rows, depth: width, columns: columns))
}
