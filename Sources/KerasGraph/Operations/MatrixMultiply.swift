/// The matrix product over the last two axes, `[…, m, k] · [k, n]`, with the first operand's leading axes
/// kept; or of two stacks of matrices whose leading axes are equal, `[…, m, k] · […, k, n]`.
///
/// - Inputs: the two operands, and what the epilogue adds.
/// - Output: `[…, m, n]`.
///
/// A flag says that an operand is stored transposed, `[…, k, m]` or `[…, n, k]`.
public struct MatrixMultiplyOperation: OperationRule {
  public var transposesFirst: Bool
  public var transposesSecond: Bool
  public var epilogue: Epilogue

  public init(transposesFirst: Bool = false, transposesSecond: Bool = false, epilogue: Epilogue = Epilogue())
  {
    self.transposesFirst = transposesFirst
    self.transposesSecond = transposesSecond
    self.epilogue = epilogue
  }

  public var name: String { "matrixMultiply" }
  public var settings: String {
    let flags = [transposesFirst ? "first transposed" : nil, transposesSecond ? "second transposed" : nil]
    let text = flags.compactMap { $0 }.joined(separator: " ") + epilogue.settings
    // Without flags there is nothing for the epilogue's `, ` or ` ` to follow.
    return String(text.drop { $0 == "," || $0 == " " })
  }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs((2 + epilogue.inputCount)...(2 + epilogue.inputCount), inputs, name)
    let (a, b) = (inputs[0], inputs[1])
    guard a.dataType == b.dataType, a.dataType.isFloatingPoint, a.shape.rank >= 2, b.shape.rank >= 2,
      b.shape.rank == 2 || a.shape.rank == b.shape.rank
    else { throw mismatch(a, b) }
    var aMatrix = Array(a.shape.suffix(2))
    var bMatrix = Array(b.shape.suffix(2))
    if transposesFirst { aMatrix.reverse() }
    if transposesSecond { bMatrix.reverse() }
    guard aMatrix[1] == nil || bMatrix[0] == nil || aMatrix[1] == bMatrix[0] else { throw mismatch(a, b) }
    var leading = Array(a.shape.dropLast(2))
    if b.shape.rank > 2 {
      for (axis, length) in b.shape.dropLast(2).enumerated() {
        guard leading[axis] == nil || length == nil || leading[axis] == length else { throw mismatch(a, b) }
        leading[axis] = leading[axis] ?? length
      }
    }
    let output = TensorSpec(Shape(leading + [aMatrix[0], bMatrix[1]]), a.dataType)
    try epilogue.check(inputs, output: output)
    return [output]
  }

  private func mismatch(_ a: TensorSpec, _ b: TensorSpec) -> KerasError {
    let remedy =
      if a.dataType != b.dataType || !a.dataType.isFloatingPoint {
        "convert both to one real type."
      } else if a.shape.rank < 2 || b.shape.rank < 2 {
        "give both at least two axes."
      } else {
        "the first's last length is the second's last but one, and stacks have equal leading lengths; transpose or "
          + "reshape one of them."
      }
    return KerasError(
      .shapeMismatch, "Expected matrices that can be multiplied, found \(a) and \(b).", remedy: remedy)
  }

  public func inPlaceInputs(for inputs: [TensorSpec]) -> [Int] { epilogue.residualInput.map { [$0] } ?? [] }

  /// A product of two thin matrices takes more room than they do, but as a rule is added to a constant of its size:
  /// the low-rank adaptation of a layer.
  public var folding: ConstantFolding { .upTo(byteCount: 1 << 26) }

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool {
    let isStack = use.output.shape.rank > 2
    let (first, second) = (use.hasRows[0], use.hasRows[1])
    let secondRank = use.inputs[1].shape.rank
    return first && (isStack || !transposesFirst)
      && (second ? isStack && secondRank == use.output.shape.rank : secondRank == 2)
      && use.hasRows.indices.dropFirst(2).allSatisfy { use.hasRows[$0] == ($0 == epilogue.residualInput) }
  }

  public func multiplyAdds(_ inputs: [TensorSpec], _ outputs: [TensorSpec]) -> Int? {
    let shape = inputs[0].shape
    guard let depth = shape[shape.rank - (transposesFirst ? 2 : 1)], let results = outputs[0].shape.elementCount
    else { return nil }
    return checkedElementCount([results, depth])
  }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard epilogue == Epilogue() else { throw point.notDifferentiable("with a fused epilogue") }
    guard let upstream = point.upstream[0] else { return [nil, nil] }
    let (graph, a, b) = (point.graph, point.input(0), point.input(1))
    let first = try point.ifNeeded(0) { () throws(KerasError) in
      transposesFirst
        ? try graph.matrixMultiply(
          graph.repeated(b, likeStackOf: upstream), upstream, transposesFirst: transposesSecond,
          transposesSecond: true)
        : try graph.matrixMultiply(upstream, b, transposesSecond: !transposesSecond)
    }
    let second = try point.ifNeeded(1) { () throws(KerasError) in
      guard graph.shape(of: b).rank == 2, graph.shape(of: a).rank > 2, !transposesFirst else {
        let product =
          transposesSecond
          ? try graph.matrixMultiply(upstream, a, transposesFirst: true, transposesSecond: transposesFirst)
          : try graph.matrixMultiply(a, upstream, transposesFirst: !transposesFirst)
        // A matrix that all products shared gets the sum of what each sends back.
        return try graph.summed(product, to: b)
      }
      // One tall product instead of a sum of many.
      let (rows, columns) = (try graph.flattenedToMatrix(a), try graph.flattenedToMatrix(upstream))
      return transposesSecond
        ? try graph.matrixMultiply(columns, rows, transposesFirst: true)
        : try graph.matrixMultiply(rows, columns, transposesFirst: true)
    }
    return [first, second]
  }
}

extension GraphBuilder {
  /// The matrix product over the last two axes: `[…, m, k] · [k, n]`, or of equal stacks `[…, m, k] · […, k,
  /// n]`.
  ///
  /// - Parameters:
  ///   - transposesFirst: whether `a` is stored as `[…, k, m]`.
  ///   - transposesSecond: whether `b` is stored as `[…, n, k]`.
  /// - Returns: `[…, m, n]`.
  /// - Throws: `shapeMismatch` where inner lengths, stacks or element types differ.
  public func matrixMultiply(
    _ a: Value, _ b: Value, transposesFirst: Bool = false, transposesSecond: Bool = false
  ) throws(KerasError) -> Value {
    try append(
      .matrixMultiply(
        MatrixMultiplyOperation(transposesFirst: transposesFirst, transposesSecond: transposesSecond)),
      [a, b])[0]
  }

  /// All axes but the last as one.
  fileprivate func flattenedToMatrix(_ x: Value) throws(KerasError) -> Value {
    let shape = shape(of: x)
    return try reshaped(x, to: Shape([Shape(Array(shape.dropLast())).elementCount, shape.last ?? nil]))
  }

  /// A matrix as often as `other` has matrices; only the second operand of a product may be shared.
  fileprivate func repeated(_ matrix: Value, likeStackOf other: Value) throws(KerasError) -> Value {
    let (given, stack) = (shape(of: matrix), shape(of: other))
    guard given.rank < stack.rank else { return matrix }
    return try broadcast(matrix, to: Shape(stack.dropLast(2) + Array(given)))
  }
}
