/// A constant added before and after each axis.
public struct PadOperation: OperationRule {
  /// One for each axis of the input.
  public var padding: [AxisPadding]
  public var value: Float

  public init(_ padding: [AxisPadding], value: Float = 0) {
    self.padding = padding
    self.value = value
  }

  public var name: String { "pad" }
  public var settings: String {
    "\(padding)" + (value == 0 ? "" : " with \(value)")
  }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    guard padding.count == inputs[0].shape.rank, padding.allSatisfy(\.isInRange) else {
      throw KerasError(
        .invalidArgument,
        "Padding needs one pair of numbers from 0 to \(Int32.max) for each axis of \(inputs[0]), found \(padding)."
      )
    }
    let lengths = zip(inputs[0].shape, padding).map { length, pad in
      length.map { $0 + pad.before + pad.after }
    }
    return [TensorSpec(Shape(lengths), inputs[0].dataType)]
  }

  public func reordered(by permutation: [Int]) -> Graph.Operation? {
    var before = self
    for (axis, origin) in permutation.enumerated() { before.padding[origin] = padding[axis] }
    return .pad(before)
  }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool { padding.allSatisfy { $0 == .none } }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool { padding.first == AxisPadding.none }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    let shape = point.graph.shape(of: point.input(0))
    guard let lengths = shape.known else {
      return [point.graph.placeholder(point.graph.spec(of: point.input(0)))]
    }
    let ends = zip(padding, lengths).map { $0.before + $1 }
    return [try point.graph.slice(upstream, starts: padding.map(\.before), ends: ends)]
  }
}

extension GraphBuilder {
  /// `x` with `value` added before and after each axis.
  ///
  /// - Parameter padding: one pair for each axis of `x`, 0 or more.
  /// - Throws: `invalidArgument` for another number of pairs, or a negative one.
  public func pad(_ x: Value, _ padding: [AxisPadding], value: Float = 0) throws(KerasError) -> Value {
    try append(.pad(PadOperation(padding, value: value)), [x])[0]
  }
}
