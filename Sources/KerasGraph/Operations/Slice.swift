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

  public func reordered(by permutation: [Int]) -> Graph.Operation? {
    var before = self
    for (axis, origin) in permutation.enumerated() {
      before.starts[origin] = starts[axis]
      before.ends[origin] = ends[axis]
      before.strides[origin] = strides[axis]
    }
    return .slice(before)
  }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool { true }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.allHaveRows }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    let (graph, input) = (point.graph, point.input(0))
    guard let lengths = graph.shape(of: input).known else {
      return [graph.placeholder(graph.spec(of: input))]
    }
    var gradient = upstream
    for axis in lengths.indices where strides[axis] != 1 {
      // Elements that were skipped get zeros: each element is padded to a group, and the groups are joined.
      let count = graph.shape(of: gradient)[axis] ?? 0
      guard count > 0 else { continue }
      var shape = graph.shape(of: gradient).compactMap { $0 }
      shape.insert(1, at: axis + 1)
      var padding = shape.map { _ in AxisPadding.none }
      padding[axis + 1].after = strides[axis] - 1
      let spread = try graph.pad(graph.reshape(gradient, to: shape), padding)
      shape.remove(at: axis + 1)
      shape[axis] = count * strides[axis]
      let joined = try graph.reshape(spread, to: shape)
      gradient = try graph.slice(joined, axis: axis, from: 0, count: (count - 1) * strides[axis] + 1)
    }
    let padding = lengths.indices.map { axis in
      let taken = graph.shape(of: gradient)[axis] ?? 0
      return AxisPadding(starts[axis], lengths[axis] - starts[axis] - taken)
    }
    return [try graph.pad(gradient, padding)]
  }
}

extension GraphBuilder {
  /// Every `strides[i]`-th element from `starts[i]` up to, but not including, `ends[i]`, along each axis.
  ///
  /// - Parameter strides: positive; nil means 1.
  /// - Throws: `invalidArgument` for a range outside `x`, or another number of axes.
  public func slice(_ x: Value, starts: [Int], ends: [Int], strides: [Int]? = nil) throws(KerasError) -> Value
  {
    try append(.slice(SliceOperation(starts: starts, ends: ends, strides: strides)), [x])[0]
  }

  /// `count` elements along one axis (negative: counted from the back), all of the others; nil for all from
  /// `start` on. Unknown lengths of other axes stay unknown.
  public func slice(_ x: Value, axis: Int, from start: Int, count: Int?) throws(KerasError) -> Value {
    let shape = shape(of: x)
    let axis = try resolvedAxis(axis, rank: shape.rank)
    var result = shape
    result[axis] = count ?? shape[axis].map { max($0 - start, 0) }
    guard let known = shape.known, let lengths = result.known else {
      guard start >= 0, result[axis] ?? 0 >= 0 else {
        throw KerasError(
          .invalidArgument, "\(start)..<\(start + (count ?? 0)) is not along axis \(axis) of \(shape).")
      }
      return placeholder(TensorSpec(result, spec(of: x).dataType))
    }
    var (starts, ends) = (known.map { _ in 0 }, known)
    let (end, overflow) = start.addingReportingOverflow(lengths[axis])
    (starts[axis], ends[axis]) = (start, overflow ? .max : end)
    return starts == known.map { _ in 0 } && ends == known ? x : try slice(x, starts: starts, ends: ends)
  }
}
