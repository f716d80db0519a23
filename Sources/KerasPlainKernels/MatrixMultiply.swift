import KerasGraph

/// One product for each pair of matrices; a stack times one matrix is a single taller product.
struct MatrixMultiplyKernel: RealKernel {
  private let operation: MatrixMultiplyOperation
  private let multiplier: any MatrixMultiplier
  /// Products to compute, and the sizes of each: `[rows, depth] · [depth, columns]`.
  private let count, rows, depth, columns: Int
  private let sharesSecond: Bool
  let dataType: DataType

  init(
    _ operation: MatrixMultiplyOperation, first: [Int], second: [Int], output: TensorSpec,
    with multiplier: any MatrixMultiplier
  ) throws(KerasError) {
    self.operation = operation
    self.multiplier = multiplier
    dataType = output.dataType
    let output = output.lengths
    let leading = elementCountOf(Array(output.dropLast(2)))
    sharesSecond = second.count == 2
    let isOneProduct = sharesSecond && !operation.transposesFirst
    count = isOneProduct ? 1 : leading
    rows = output[output.count - 2] * (isOneProduct ? leading : 1)
    columns = output[output.count - 1]
    depth = first[first.count - (operation.transposesFirst ? 2 : 1)]
    try multiplier.check(rows, depth, columns)
  }

  var summary: String {
    "\(multiplier.name) \(rows)×\(depth)×\(columns)" + (count == 1 ? "" : ", \(count) times")
      + operation.epilogue.summary
  }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    let result = operands.output(as: R.self)
    for index in 0..<count {
      let a = operands.input(0, as: R.self) + index * rows * depth
      let b = operands.input(1, as: R.self) + (sharesSecond ? 0 : index * depth * columns)
      R.multiply(
        MatrixProduct(
          Matrix(
            a, stride: operation.transposesFirst ? rows : depth, isTransposed: operation.transposesFirst),
          Matrix(
            b, stride: operation.transposesSecond ? depth : columns, isTransposed: operation.transposesSecond),
          into: result + index * rows * columns, stride: columns, rows: rows, depth: depth, columns: columns),
        with: multiplier)
    }
    operation.epilogue.apply(to: result, rows: 0..<count * rows, channels: columns, operands)
  }
}

extension MatrixMultiplier {
  /// - Throws: `unsupported` when a side is longer than this multiplier can take.
  func check(_ sizes: Int...) throws(KerasError) {
    guard sizes.allSatisfy({ $0 <= longestSide }) else {
      throw KerasError(
        .unsupported, "\(name) multiplies matrices with sides up to \(longestSide), found \(sizes).")
    }
  }
}
