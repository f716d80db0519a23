import KerasGraph

/// Sorts combinations of features into bins by a hash: what two or more inputs hold at one place, together.
///
/// - Inputs: integers or texts, all `[]`, `[batch]` or `[batch, 1]`.
/// - Output: bin numbers (int64) of the same shape, or one-hot `[batch, bins]`.
public final class HashedCrossing: Layer, TextLayer, @unchecked Sendable {
  @Setting("num_bins", .required) public private(set) var bins: Int
  @Setting("output_mode") public private(set) var output: CategoricalOutput
  @Setting("sparse") private var isSparse = false

  public init(bins: Int, output: CategoricalOutput = .integer, name: String? = nil) {
    super.init(name: name)
    self.bins = bins
    self.output = output
    dataTypePolicy = output.hashedPolicy
  }

  public override func settingsWereRead(from configuration: Configuration) {
    dataTypePolicy = output.hashedPolicy
  }

  // Keras' class takes no other settings of layers.
  public override var commonSettings: CommonSettings { .nameAndType }

  public override var castsInputs: Bool { false }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    let graph = context.graph
    try check(inputs.map { graph.shape(of: $0) })
    var columns: [Value] = []
    for input in inputs {
      try require(
        !graph.spec(of: input).dataType.isFloatingPoint, .shapeMismatch,
        "HashedCrossing takes integers or texts, found \(graph.spec(of: input)).")
      columns.append(try graph.cast(input, to: .int64))
    }
    return [try call(numbers: [graph.crossed(columns, buckets: bins)], in: context)]
  }

  public func numbers(for texts: [StringTensor]) throws(KerasError) -> [Tensor] {
    try check(texts.map { Shape($0.shape) })
    try require(bins > 0, "Hashing needs at least one bucket, found \(bins).")
    return [
      Tensor(uninitialized: texts[0].shape, Int64.self) { numbers in
        for index in numbers.indices {
          let features = texts.lazy.map { CrossedBuckets.feature($0.elements[index]) }
          numbers[index] = Int64(CrossedBuckets.bucket(of: features, count: bins))
        }
      }
    ]
  }

  public func call(numbers: [Value], in context: CallContext) throws(KerasError) -> Value {
    try require(
      output == .integer || output == .oneHot,
      "HashedCrossing gives bins or one-hot vectors, not \(output.rawValue).")
    return try context.graph.encoded(numbers[0], as: output, depth: bins, dataTypePolicy.computeType)
  }

  private func check(_ shapes: [Shape]) throws(KerasError) {
    guard shapes.count >= 2, let first = shapes.first, shapes.allSatisfy({ $0 == first }),
      first.rank < 2 || (first.rank == 2 && first[1] == 1)
    else {
      throw KerasError(
        .shapeMismatch,
        "HashedCrossing takes two or more inputs of one shape (), (batch,) or (batch, 1), found "
          + "\(shapes.map(\.description).joined(separator: ", ")).")
    }
  }
}
