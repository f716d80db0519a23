/// Numbers made from positions, and choices among elements.
extension GraphBuilder {
  /// `start`, `start + step`, …: `count` numbers. A `count` that is not known yet makes a ``placeholder(_:)``.
  public func range(
    _ count: Int?, from start: Double = 0, step: Double = 1, _ dataType: DataType = .int32
  ) throws(KerasError) -> Value {
    guard let count else { return placeholder(TensorSpec(Shape([nil]), dataType)) }
    guard (0..<1 << 32).contains(count) else {
      throw KerasError(.invalidArgument, "A range has from 0 to 2^32 numbers, found \(count).")
    }
    let numbers = Tensor(uninitialized: [count], Double.self) { elements in
      for i in elements.indices { elements[i] = start + Double(i) * step }
    }
    return constant(numbers.converted(to: dataType))
  }

  /// True on and below a diagonal of matrices `[rows, columns]`.
  ///
  /// - Parameter offset: of the diagonal: how far above the middle one, or below where negative.
  public func lowerTriangle(rows: Int?, columns: Int?, offset: Int = 0) throws(KerasError) -> Value {
    let row = try expandDimensions(range(rows, from: Double(offset)), axis: 1)
    return try compare(.greaterEqual, row, expandDimensions(range(columns), axis: 0))
  }

  /// Ones on a diagonal of a matrix, zeros elsewhere.
  public func identityMatrix(
    rows: Int?, columns: Int? = nil, offset: Int = 0, _ dataType: DataType = .float32
  ) throws(KerasError) -> Value {
    let row = try expandDimensions(range(rows, from: Double(offset)), axis: 1)
    let column = try expandDimensions(range(columns ?? rows), axis: 0)
    return try cast(compare(.equal, row, column), to: dataType)
  }

  /// The opposite of truth values; of numbers, whether they are 0.
  public func logicalNot(_ x: Value) throws(KerasError) -> Value {
    try binary(.logicalXor, cast(x, to: .bool), scalar(1, .bool))
  }

  /// 1 at the position each index names along a new axis, 0 elsewhere; indices outside give only zeros.
  ///
  /// - Parameter axis: of the result.
  public func oneHot(
    _ indices: Value, count: Int, axis: Int = -1, _ dataType: DataType = .float32
  ) throws(KerasError) -> Value {
    let rank = shape(of: indices).rank + 1
    let axis = try resolvedAxis(axis, rank: rank)
    let lengths = (0..<rank).map { $0 == axis ? count : 1 }
    let positions = try reshape(range(count, spec(of: indices).dataType), to: lengths)
    return try cast(compare(.equal, expandDimensions(indices, axis: axis), positions), to: dataType)
  }

  /// 1 at every position that one of the indices along the last axis names: `[…, n]` to `[…, count]`.
  public func multiHot(
    _ indices: Value, count: Int, _ dataType: DataType = .float32
  ) throws(KerasError) -> Value {
    try maximum(of: oneHot(indices, count: count, dataType), axes: [-2])
  }

  /// The `count` largest elements along the last axis, largest first, and where they stood (`int32`).
  public func topK(_ x: Value, count: Int) throws(KerasError) -> (values: Value, positions: Value) {
    let sorted = try sort(x, axis: -1, isDescending: true)
    if let length = shape(of: x).last ?? nil, !(0...length).contains(count) {
      throw KerasError(.invalidArgument, "There are no \(count) largest of \(length) elements.")
    }
    return (
      try slice(sorted.values, axis: -1, from: 0, count: count),
      try slice(sorted.positions, axis: -1, from: 0, count: count)
    )
  }

  /// `min(max(x, low), high)` for bounds that are tensors.
  public func clip(_ x: Value, low: Value, high: Value) throws(KerasError) -> Value {
    try binary(.minimum, binary(.maximum, x, low), high)
  }

  /// Zeros where the quotient would be infinite or undefined because `b` is 0.
  public func divideNoNaN(_ a: Value, _ b: Value) throws(KerasError) -> Value {
    let isZero = try compare(.equal, b, 0)
    let quotient = try binary(.divide, a, select(isZero, scalar(1, like: b), b))
    return try select(isZero, scalar(0, like: quotient), quotient)
  }

  /// The product of matrices with NumPy's rules: stacks broadcast, a vector in front is a row, one behind a column.
  public func matrixProduct(_ a: Value, _ b: Value) throws(KerasError) -> Value {
    let (first, second) = (shape(of: a), shape(of: b))
    guard first.rank > 0, second.rank > 0 else {
      throw KerasError(
        .shapeMismatch, "A matrix product takes vectors or matrices, found \(spec(of: a)) and \(spec(of: b))."
      )
    }
    if first.rank == 1 {
      let product = try matrixProduct(expandDimensions(a, axis: 0), b)
      return try squeeze(product, axes: [second.rank == 1 ? 0 : -2])
    }
    if second.rank == 1 { return try squeeze(matrixProduct(a, expandDimensions(b, axis: 1)), axes: [-1]) }
    if second.rank == 2 { return try matrixMultiply(a, b) }
    let stack = try broadcastShape(Shape(Array(first.dropLast(2))), Shape(Array(second.dropLast(2))))
    return try matrixMultiply(
      broadcast(a, to: Shape(stack.dimensions + first.suffix(2))),
      broadcast(b, to: Shape(stack.dimensions + second.suffix(2))))
  }
}
