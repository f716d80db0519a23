/// A matrix in memory: rows `stride` elements apart.
package struct Matrix<Number> {
  package let start: UnsafePointer<Number>
  package let stride: Int
  package let isTransposed: Bool

  package init(_ start: UnsafePointer<Number>, stride: Int, isTransposed: Bool = false) {
    self.start = start
    self.stride = stride
    self.isTransposed = isTransposed
  }
}

/// `result = a · b`, with `[rows, depth] · [depth, columns]`.
package struct MatrixProduct<Number> {
  package let a, b: Matrix<Number>
  package let result: UnsafeMutablePointer<Number>
  /// Of the result's rows.
  package let stride: Int
  package let rows, depth, columns: Int
  /// Whether the product is added to what the result holds.
  package let accumulates: Bool

  package init(
    _ a: Matrix<Number>, _ b: Matrix<Number>, into result: UnsafeMutablePointer<Number>, stride: Int,
    rows: Int, depth: Int, columns: Int, accumulates: Bool = false
  ) {
    (self.a, self.b, self.result, self.stride) = (a, b, result, stride)
    (self.rows, self.depth, self.columns, self.accumulates) = (rows, depth, columns, accumulates)
  }
}

/// Who multiplies matrices for the kernels of this room: a library, or loops.
package protocol MatrixMultiplier: Sendable {
  /// How it is called in plans.
  var name: String { get }
  /// The longest side it can take.
  var longestSide: Int { get }
  func multiply(_ product: MatrixProduct<Float>)
  func multiply(_ product: MatrixProduct<Double>)
}

/// Three loops.
package struct LoopMultiplier: MatrixMultiplier {
  package init() {}

  package var name: String { "loops" }
  package var longestSide: Int { .max }
  package func multiply(_ product: MatrixProduct<Float>) { product.multiplyInLoops() }
  package func multiply(_ product: MatrixProduct<Double>) { product.multiplyInLoops() }
}

extension MatrixProduct where Number: Real {
  /// Row by row: each number of `a` times a row of `b` is added to a row of the result.
  @inline(__always)
  fileprivate func multiplyInLoops() {
    let (aRow, aColumn) = a.isTransposed ? (1, a.stride) : (a.stride, 1)
    let (bRow, bColumn) = b.isTransposed ? (1, b.stride) : (b.stride, 1)
    for row in 0..<rows {
      let y = result + row * stride
      if !accumulates { y.update(repeating: 0, count: columns) }
      for k in 0..<depth {
        let factor = a.start[row * aRow + k * aColumn]
        let line = b.start + k * bRow
        for column in 0..<columns { y[column] += factor * line[column * bColumn] }
      }
    }
  }
}
