import KerasGraph

/// Sorts numbers into bins between boundaries: bin `i` holds what is at least boundary `i − 1` and below boundary `i`.
///
/// - Input: any shape. Output: bin numbers (int32) of the same shape, or their encoding.
public final class Discretization: Layer, AdaptableLayer, @unchecked Sendable {
  /// Ascending; nil before they were learnt.
  @Setting("bin_boundaries", .numbers) public private(set) var boundaries: [Double]?
  /// How many bins ``adapt(to:)`` makes; nil where boundaries were given.
  @Setting("num_bins") public private(set) var binCount: Int?
  /// The error ``adapt(to:)`` may make, as a share of all numbers.
  @Setting("epsilon") public private(set) var epsilon: Double
  @Setting("output_mode") public private(set) var output: CategoricalOutput
  @Setting("sparse") private var isSparse = false

  public convenience init(boundaries: [Double], output: CategoricalOutput = .integer, name: String? = nil) {
    self.init(boundaries, nil, 0.01, output, name: name)
  }

  /// - Parameter bins: how many ``adapt(to:)`` shall make.
  public convenience init(
    bins: Int, epsilon: Double = 0.01, output: CategoricalOutput = .integer, name: String? = nil
  ) {
    self.init(nil, bins, epsilon, output, name: name)
  }

  init(
    _ boundaries: [Double]?, _ binCount: Int?, _ epsilon: Double, _ output: CategoricalOutput, name: String?
  ) {
    super.init(name: name)
    self.boundaries = boundaries
    self.binCount = binCount
    self.epsilon = epsilon
    self.output = output
  }

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    guard boundaries != nil || binCount != nil else { throw configuration.missing("num_bins") }
  }

  // Keras' class takes no other settings of layers.
  public override var commonSettings: CommonSettings { .nameAndType }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    guard let boundaries else {
      if context.isMeasuring, output == .integer {
        return context.graph.placeholder(TensorSpec(context.graph.shape(of: input), .int32))
      }
      throw KerasError(
        .invalidArgument, "The layer knows no boundaries yet.", remedy: "call adapt(to:) with data first.")
    }
    guard zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw KerasError(.invalidArgument, "Boundaries must be ascending, found \(boundaries).")
    }
    let graph = context.graph
    // TensorFlow compares in single precision.
    let ascending = graph.constant(Tensor(boundaries.map(Float.init)))
    let bins = try graph.searchSorted(ascending, for: graph.cast(input, to: .float32), passesEqual: true)
    let dataType = output == .integer ? DataType.int32 : dataTypePolicy.computeType
    return try graph.encoded(bins, as: output, depth: boundaries.count + 1, dataType)
  }

  public func adapt(toBatches batches: some Sequence<Tensor>) throws(KerasError) {
    guard let binCount else {
      throw KerasError(
        .invalidArgument, "The layer was given its boundaries.", path: [name],
        remedy: "make it with a number of bins to learn them.")
    }
    try require(
      (1..<1 << 24).contains(binCount) && epsilon > 1e-6 && epsilon <= 1, .invalidArgument,
      "Bins must be from 1 to 2^24, and their error above 10⁻⁶ and at most 1, found "
        + "\(binCount) and \(epsilon).",
      path: [name])
    var summary = QuantileSummary(epsilon: epsilon)
    for batch in batches { summary.add(batch.scalars()) }
    try require(!summary.isEmpty, .invalidArgument, "There is no data to learn from.", path: [name])
    boundaries = summary.boundaries(binCount)
    structureDidChange()
  }
}
