/// Into which bucket each integer falls, as `int64`: by a hash of its decimal digits, or of several integers together.
///
/// - Inputs: one tensor of integers, or for a crossing several of one type and shape.
public struct HashOperation: OperationRule {
  public enum Function: Hashable, Sendable {
    /// ``HashBuckets`` of one integer.
    case digits(HashBuckets)
    /// ``CrossedBuckets`` of all inputs' integers at one place.
    case crossed(buckets: Int)
  }

  public var function: Function

  public init(_ function: Function) { self.function = function }

  public var name: String { "hash" }
  public var settings: String {
    switch function {
    case .digits(let buckets): "into \(buckets.count) buckets" + (buckets.salt == nil ? "" : " with a salt")
    case .crossed(let count): "crossed into \(count) buckets"
    }
  }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    let isCrossed = if case .crossed = function { true } else { false }
    try expectInputs(isCrossed ? 1...Int.max : 1...1, inputs, name)
    guard inputs.allSatisfy({ $0 == inputs[0] }), [.int32, .int64].contains(inputs[0].dataType) else {
      throw KerasError(
        .shapeMismatch,
        "hash takes int32 or int64 of one shape, found \(inputs.map(\.description).joined(separator: ", ")).")
    }
    if case .crossed(let count) = function, count < 1 {
      throw KerasError(.invalidArgument, "Hashing needs at least one bucket, found \(count).")
    }
    return [TensorSpec(inputs[0].shape, .int64)]
  }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.allHaveRows }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    point.node.inputs.map { _ in nil }
  }
}

extension GraphBuilder {
  /// The bucket of each integer of `x`.
  public func hashed(_ x: Value, into buckets: HashBuckets) throws(KerasError) -> Value {
    try append(.hash(HashOperation(.digits(buckets))), [x])[0]
  }

  /// The bucket of the integers that stand at one place in all `columns`.
  public func crossed(_ columns: [Value], buckets: Int) throws(KerasError) -> Value {
    try append(.hash(HashOperation(.crossed(buckets: buckets))), columns)[0]
  }
}
