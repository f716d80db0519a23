import KerasGraph

/// Pulls the rows (or columns) of a matrix towards right angles: `factor` times the mean size of the dot products
/// between different ones, each normalized to length 1.
public struct OrthogonalRegularizer: Regularizer {
  public enum Mode: String, Hashable, CaseIterable, SettingValue { case rows, columns }

  @Setting("factor", .factor) public private(set) var factor: Double
  @Setting("mode") public private(set) var mode: Mode

  public init(factor: Double = 0.01, mode: Mode = .rows) {
    self.factor = factor
    self.mode = mode
  }

  public func loss(of x: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    let shape = graph.shape(of: x)
    try require(shape.rank == 2, .shapeMismatch, "An orthogonal regularizer takes a matrix, found \(shape).")
    let axis = mode == .rows ? 1 : 0
    let count = try knownLength(1 - axis, of: graph.spec(of: x))
    // As Keras: lengths are not smaller than the root of its epsilon.
    let squares = try graph.reduce(.sum, graph.unary(.square, x), axes: [axis], keepsDimensions: true)
    let length = try graph.unary(.squareRoot, graph.binary(.maximum, squares, graph.scalar(1e-12, like: x)))
    let unit = try graph.binary(.divide, x, length)
    let products = try graph.matrixMultiply(
      unit, unit, transposesFirst: mode == .columns, transposesSecond: mode == .rows)
    let others = graph.constant(
      Tensor(uninitialized: [count, count], Float.self) { elements in
        for i in elements.indices { elements[i] = i % (count + 1) == 0 ? 0 : 1 }
      })
    let sizes = try graph.unary(
      .absolute, graph.multiply(products, graph.cast(others, to: graph.spec(of: x).dataType)))
    let sum = try graph.reduce(.sum, sizes, axes: [0, 1])
    let pairs = Double(count) * (Double(count) - 1) / 2
    return try graph.unary(.linear(scale: Float(factor * 0.5 / pairs), offset: 0), sum)
  }
}

extension Regularizer where Self == OrthogonalRegularizer {
  public static func orthogonal(
    factor: Double = 0.01, mode: OrthogonalRegularizer.Mode = .rows
  ) -> OrthogonalRegularizer {
    OrthogonalRegularizer(factor: factor, mode: mode)
  }
}
