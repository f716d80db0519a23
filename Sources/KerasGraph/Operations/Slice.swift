/// Every `strides[i]`-th element from `starts[i]` up to, but not including, `ends[i]`, along each axis.
public struct SliceOperation: OperationRule {
  public var starts: [Int]
  public var ends: [Int]
  /// Positive.
  public var strides: [Int]

  public init(starts: [Int], ends: [Int], strides: [Int]? = nil) {
    self.starts = starts
    self.ends = ends
    self.strides = strides ?? starts.map { _ in 1 }
  }

  public var name: String { "slice" }
  public var settings: String {
    "["
      + starts.indices.map { "\(starts[$0])..<\(ends[$0])" + (strides[$0] == 1 ? "" : ":\(strides[$0])") }
      .joined(separator: ", ") + "]"
  }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    let shape = inputs[0].shape
    guard [starts.count, ends.count, strides.count].allSatisfy({ $0 == shape.rank }) else {
      throw KerasError(
        .invalidArgument, "slice needs a start, an end and a stride for each axis of \(inputs[0]).")
    }
    for axis in shape.indices {
      guard 0 <= starts[axis], starts[axis] <= ends[axis], strides[axis] > 0,
        ends[axis] <= shape[axis] ?? .max
      else {
        throw KerasError(.invalidArgument, "\(settings) is not inside \(inputs[0]).")
      }
    }
    let lengths = starts.indices.map {
      starts[$0] == ends[$0] ? 0 : (ends[$0] - 1 - starts[$0]) / strides[$0] + 1
    }
    return [TensorSpec(lengths, inputs[0].dataType)]
  }
}

extension GraphBuilder {
  public func slice(_ x: Value, starts: [Int], ends: [Int], strides: [Int]? = nil) throws(KerasError) -> Value
  {
    try append(.slice(SliceOperation(starts: starts, ends: ends, strides: strides)), [x])[0]
  }
}
