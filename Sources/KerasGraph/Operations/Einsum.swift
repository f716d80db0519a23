/// Sums of products in Einstein's notation.
extension GraphBuilder {
  /// The sum of products that `equation` describes, as `keras.ops.einsum`.
  ///
  /// Each letter is an axis. Letters that are not behind the arrow are summed over; without an arrow, those that
  /// appear once stay, in alphabetical order. `...` stands for any number of axes, which broadcast. A letter given
  /// twice in one operand takes its diagonal, and an axis of length 1 stretches.
  ///
  /// ```swift
  /// try graph.einsum("bth,hd->btd", x, kernel)     // a dense layer
  /// try graph.einsum("btnh,bsnh->bnts", q, k)      // attention scores of several heads
  /// try graph.einsum("...ij->...ji", x)            // transposed matrices
  /// ```
  ///
  /// - Throws: `invalidArgument` for an equation that makes no sense, `shapeMismatch` for operands that do not fit it.
  public func einsum(_ equation: String, _ operands: Value...) throws(KerasError) -> Value {
    try einsum(equation, operands)
  }

  /// The same for a list of operands.
  public func einsum(_ equation: String, _ operands: [Value]) throws(KerasError) -> Value {
    let parsed = try EinsumEquation(parsing: equation, ranks: operands.map { shape(of: $0).rank })
    return try within(equation) { () throws(KerasError) in
      try contract(
        zip(operands, parsed.inputs).map { LabeledValue(value: $0, labels: $1) }, to: parsed.output)
    }
  }

  /// Multiplies tensors with named axes and sums over the names that are not in `output`.
  package func contract(_ operands: [LabeledValue], to output: [Int]) throws(KerasError) -> Value {
    var pending: [LabeledValue] = []
    for operand in operands { pending.append(try takingDiagonals(operand)) }
    try checkLengths(pending)
    var result = pending.removeFirst()
    while !pending.isEmpty {
      let next = pending.removeFirst()
      let later = Set(output + pending.flatMap(\.labels))
      result = try product(result, next, keeping: later)
    }
    return try permuted(summed(result, keeping: Set(output)), to: output)
  }

  // MARK: Steps

  /// Axes named twice become one.
  private func takingDiagonals(_ operand: LabeledValue) throws(KerasError) -> LabeledValue {
    var operand = operand
    while let second = operand.labels.indices.first(where: {
      operand.labels[..<$0].contains(operand.labels[$0])
    }), let first = operand.labels.firstIndex(of: operand.labels[second]) {
      operand.value = try diagonal(operand.value, axes: (first, second))
      let label = operand.labels.remove(at: second)
      operand.labels.remove(at: first)
      operand.labels.append(label)
    }
    return operand
  }

  /// Every name must have one length, or 1.
  private func checkLengths(_ operands: [LabeledValue]) throws(KerasError) {
    var lengths: [Int: Int] = [:]
    for operand in operands {
      for (label, length) in zip(operand.labels, shape(of: operand.value)) {
        guard let length, length != 1 else { continue }
        guard lengths[label, default: length] == length else {
          let specs = operands.map { spec(of: $0.value).description }
          throw KerasError(
            .shapeMismatch,
            "Axes of one name must have one length, found \(lengths[label] ?? 0) and \(length) in "
              + specs.joined(separator: " and ") + ".")
        }
        lengths[label] = length
      }
    }
  }

  /// Sums over the axes whose names are not wanted.
  private func summed(_ operand: LabeledValue, keeping labels: Set<Int>) throws(KerasError) -> LabeledValue {
    let axes = operand.labels.indices.filter { !labels.contains(operand.labels[$0]) }
    guard !axes.isEmpty else { return operand }
    return LabeledValue(
      value: try reduce(.sum, operand.value, axes: axes), labels: operand.labels.filter(labels.contains))
  }

  /// The axes in the order of `labels`, which are the operand's own.
  private func permuted(_ operand: LabeledValue, to labels: [Int]) throws(KerasError) -> Value {
    let order = labels.compactMap { operand.labels.firstIndex(of: $0) }
    return order == Array(order.indices) ? operand.value : try transpose(operand.value, order)
  }

  /// Drops axes of length 1 that would have to stretch to the other operand's.
  private func dropping(
    _ operand: LabeledValue, stretchingTo other: LabeledValue
  ) throws(KerasError) -> LabeledValue {
    let (given, wanted) = (shape(of: operand.value), shape(of: other.value))
    var kept: [Int] = []
    for axis in given.indices {
      let partner = other.labels.firstIndex(of: operand.labels[axis])
      if given[axis] == 1, let partner, wanted[partner] != 1 { continue }
      kept.append(axis)
    }
    guard kept.count < given.rank else { return operand }
    return LabeledValue(
      value: try reshaped(operand.value, to: Shape(kept.map { given[$0] })),
      labels: kept.map { operand.labels[$0] })
  }

  /// The product of two operands, summed over the names that nobody wants later.
  private func product(
    _ a: LabeledValue, _ b: LabeledValue, keeping later: Set<Int>
  ) throws(KerasError) -> LabeledValue {
    var (a, b) = (try dropping(a, stretchingTo: b), try dropping(b, stretchingTo: a))
    a = try summed(a, keeping: later.union(b.labels))
    b = try summed(b, keeping: later.union(a.labels))
    let common = a.labels.filter(b.labels.contains)
    guard common.contains(where: { !later.contains($0) }), spec(of: a.value).dataType.isFloatingPoint else {
      return try elementwiseProduct(a, b, keeping: later)
    }
    return try matrixProduct(a, b, keeping: later)
  }

  /// Both operands aligned to all names and multiplied.
  private func elementwiseProduct(
    _ a: LabeledValue, _ b: LabeledValue, keeping later: Set<Int>
  ) throws(KerasError) -> LabeledValue {
    let labels = a.labels + b.labels.filter { !a.labels.contains($0) }
    func aligned(_ operand: LabeledValue) throws(KerasError) -> Value {
      let present = labels.filter(operand.labels.contains)
      let value = try permuted(operand, to: present)
      var lengths: [Int?] = []
      for label in labels {
        lengths.append(present.firstIndex(of: label).map { shape(of: value)[$0] } ?? 1)
      }
      return try reshaped(value, to: Shape(lengths))
    }
    let product = try multiply(aligned(a), aligned(b))
    return try summed(LabeledValue(value: product, labels: labels), keeping: later)
  }

  /// Matrices of the names each has alone by those that are summed; names both keep number the matrices.
  private func matrixProduct(
    _ a: LabeledValue, _ b: LabeledValue, keeping later: Set<Int>
  ) throws(KerasError) -> LabeledValue {
    let stack = a.labels.filter { b.labels.contains($0) && later.contains($0) }
    let summed = a.labels.filter { b.labels.contains($0) && !later.contains($0) }
    let rows = a.labels.filter { !b.labels.contains($0) }
    let columns = b.labels.filter { !a.labels.contains($0) }
    func lengths(_ labels: [Int], of operand: LabeledValue) -> Shape {
      Shape(
        labels.map { label in
          operand.labels.firstIndex(of: label).flatMap { shape(of: operand.value)[$0] }
        })
    }
    /// The matrices of an operand, as they lie in memory if possible; true when they are transposed.
    func matrices(
      _ operand: LabeledValue, _ first: [Int], _ second: [Int]
    ) throws(KerasError) -> (value: Value, isTransposed: Bool) {
      let isTransposed = !first.isEmpty && operand.labels == stack + second + first
      let order = isTransposed ? stack + second + first : stack + first + second
      let value = try permuted(operand, to: order)
      let counts = [
        lengths(first, of: operand).elementCount, lengths(second, of: operand).elementCount,
      ]
      let matrix = Shape(lengths(stack, of: operand).dimensions + (isTransposed ? counts.reversed() : counts))
      return (try reshaped(value, to: matrix), isTransposed)
    }
    let result = stack + rows + columns
    let separated = Shape(
      lengths(stack, of: a).dimensions + lengths(rows, of: a).dimensions
        + lengths(columns, of: b).dimensions)
    let second = try matrices(b, summed, columns)
    if stack.isEmpty, rows.count > 1 {
      // One matrix serves all the others, which keep their axes: unknown lengths stay where they are.
      let value = try permuted(a, to: rows + summed)
      let vectors = try reshaped(
        value, to: Shape(lengths(rows, of: a).dimensions + [lengths(summed, of: a).elementCount]))
      let product = try matrixMultiply(vectors, second.value, transposesSecond: second.isTransposed)
      return LabeledValue(value: try reshaped(product, to: separated), labels: result)
    }
    let first = try matrices(a, rows, summed)
    let product = try matrixMultiply(
      first.value, second.value, transposesFirst: first.isTransposed, transposesSecond: second.isTransposed)
    return LabeledValue(value: try reshaped(product, to: separated), labels: result)
  }
}

/// A tensor whose axes have names: letters are their code points, axes of an ellipsis are negative.
package struct LabeledValue {
  package var value: Value
  package var labels: [Int]

  package init(value: Value, labels: [Int]) {
    self.value = value
    self.labels = labels
  }
}

extension GraphBuilder {
  /// Products of two tensors sample by sample, summed along one axis of each: `[batch, a…]` and `[batch, b…]` give
  /// `[batch, a… b…]` without the two axes.
  ///
  /// - Parameter axes: of the first tensor and of the second; not the batch.
  package func batchDot(_ a: Value, _ b: Value, axes: (Int, Int)) throws(KerasError) -> Value {
    let ranks = (shape(of: a).rank, shape(of: b).rank)
    let (batch, summed) = (0, -1)
    let first = (0..<ranks.0).map { $0 == 0 ? batch : $0 == axes.0 ? summed : $0 }
    let second = (0..<ranks.1).map { $0 == 0 ? batch : $0 == axes.1 ? summed : ranks.0 + $0 }
    return try contract(
      [LabeledValue(value: a, labels: first), LabeledValue(value: b, labels: second)],
      to: (first + second.dropFirst()).filter { $0 != summed })
  }
}
