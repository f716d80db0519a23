import COpenBLAS
import KerasGraph

/// One sgemm for each pair of matrices; a stack times one matrix is a single taller product.
struct MatrixMultiplyKernel: Kernel {
  private let operation: MatrixMultiplyOperation
  /// Products to compute, and the sizes of each: `[rows, depth] · [depth, columns]`.
  private let count, rows, depth, columns: Int
  private let sharesSecond: Bool

  init(_ operation: MatrixMultiplyOperation, first: [Int], second: [Int], output: [Int]) throws(KerasError) {
    self.operation = operation
    let leading = elementCountOf(Array(output.dropLast(2)))
    sharesSecond = second.count == 2
    let isOneProduct = sharesSecond && !operation.transposesFirst
    count = isOneProduct ? 1 : leading
    rows = output[output.count - 2] * (isOneProduct ? leading : 1)
    columns = output[output.count - 1]
    depth = first[first.count - (operation.transposesFirst ? 2 : 1)]
    try checkMatrixSizes(rows, depth, columns)
  }

  var summary: String {
    "sgemm \(rows)×\(depth)×\(columns)" + (count == 1 ? "" : ", \(count) times")
      + epilogueSummary(operation.epilogue)
  }

  func run(_ operands: Operands) {
    for index in 0..<count {
      let a = operands.input(0) + index * rows * depth
      let b = operands.input(1) + (sharesSecond ? 0 : index * depth * columns)
      multiply(
        Matrix(a, stride: operation.transposesFirst ? rows : depth, isTransposed: operation.transposesFirst),
        Matrix(
          b, stride: operation.transposesSecond ? depth : columns, isTransposed: operation.transposesSecond),
        into: operands.result + index * rows * columns, stride: columns,
        rows: rows, depth: depth, columns: columns)
    }
    operation.epilogue.apply(to: operands.result, rows: 0..<count * rows, channels: columns, operands)
  }
}

/// A matrix in memory: rows `stride` elements apart.
struct Matrix {
  let start: UnsafePointer<Float>
  let stride: Int
  let isTransposed: Bool

  init(_ start: UnsafePointer<Float>, stride: Int, isTransposed: Bool = false) {
    self.start = start
    self.stride = stride
    self.isTransposed = isTransposed
  }
}

/// `result = a · b`, with `[rows, depth] · [depth, columns]`.
func multiply(
  _ a: Matrix, _ b: Matrix, into result: UnsafeMutablePointer<Float>, stride: Int,
  rows: Int, depth: Int, columns: Int
) {
  guard rows > 0, columns > 0 else { return }
  // An empty sum is 0, and BLAS wants strides of at least 1.
  cblas_sgemm(
    CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
    blasint(rows), blasint(columns), blasint(depth), 1, a.start, blasint(max(a.stride, 1)),
    b.start, blasint(max(b.stride, 1)), 0, result, blasint(stride))
}

/// - Throws: `unsupported` when a size does not fit BLAS' 32-bit integers.
func checkMatrixSizes(_ sizes: Int...) throws(KerasError) {
  guard sizes.allSatisfy({ $0 <= blasint.max }) else {
    throw KerasError(
      .unsupported, "OpenBLAS multiplies matrices with sides up to \(blasint.max), found \(sizes).")
  }
}
