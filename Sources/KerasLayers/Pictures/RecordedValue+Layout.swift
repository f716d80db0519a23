import KerasGraph

/// Steps of formulas that move numbers rather than compute with them.
extension RecordedValue {
  func cast(to type: DataType) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in try graph.cast(value, to: type) }
  }

  func reshaped(_ lengths: [Int]) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in try graph.reshape(value, to: lengths) }
  }

  func transposed(_ permutation: [Int]) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in try graph.transpose(value, permutation) }
  }

  func reversed(axis: Int) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in try graph.reverse(value, axes: [axis]) }
  }

  /// Slices along an axis, chosen by whole numbers.
  func gathered(at indices: RecordedValue, axis: Int = 0) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      try graph.gather(value, at: indices.value, axis: axis)
    }
  }

  /// The slice number `index` along an axis, which keeps its place with the length 1.
  func element(_ index: Int, axis: Int) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      try graph.slice(value, axis: axis, from: index, count: 1)
    }
  }

  static func joined(_ parts: [RecordedValue], axis: Int, in graph: GraphBuilder) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      var values: [Value] = []
      for part in parts { values.append(try part.value) }
      return try graph.concatenate(values, axis: axis)
    }
  }

  func clipped(_ low: Double, _ high: Double) -> RecordedValue {
    applying(.clip(low: Float(low), high: Float(high)))
  }

  func and(_ other: RecordedValue) -> RecordedValue { combined(.logicalAnd, with: other) }

  func reduced(_ function: ReductionOperation.Function, axes: [Int]) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      try graph.reduce(function, value, axes: axes, keepsDimensions: true)
    }
  }

  func mean(axes: [Int]) -> RecordedValue { reduced(.mean, axes: axes) }
}

extension GraphBuilder {
  /// Known numbers as an operand of formulas.
  func numbers(_ elements: [Float], _ shape: [Int]) -> RecordedValue {
    RecordedValue(in: self) { () throws(KerasError) in
      constant(try Tensor(elements).reshaped(to: shape))
    }
  }

  func numbers(_ elements: [Int32], _ shape: [Int]) -> RecordedValue {
    RecordedValue(in: self) { () throws(KerasError) in
      constant(try Tensor(elements).reshaped(to: shape))
    }
  }
}
