import KerasGraph

/// Sorts texts or integers into bins by a hash, so that no vocabulary is needed.
///
/// - Input: integers or texts `[batch, sample]`. Output: bin numbers (int64) of the same shape, or their encoding.
///
/// Bins are TensorFlow's: FarmHash of the text, or of an integer's digits; with a salt, SipHash.
public final class Hashing: Layer, TextLayer, @unchecked Sendable {
  @Setting("num_bins", .required) public private(set) var bins: Int
  /// Two numbers that nobody need know but you.
  @Setting("salt", .salt) public private(set) var salt: [Int]?
  /// What goes into bin 0 alone; a text or an integer.
  @Setting("mask_value") public private(set) var mask: JSON
  @Setting("output_mode") public private(set) var output: CategoricalOutput
  @Setting("sparse") private var isSparse = false

  public init(
    bins: Int, mask: JSON = .null, salt: [Int]? = nil, output: CategoricalOutput = .integer,
    name: String? = nil
  ) {
    super.init(name: name)
    self.bins = bins
    self.mask = mask
    self.salt = salt
    self.output = output
    dataTypePolicy = output.hashedPolicy
  }

  public override func settingsWereRead(from configuration: Configuration) {
    dataTypePolicy = output.hashedPolicy
  }

  public override var castsInputs: Bool { false }

  /// All bins, or one less where the first is kept for what is masked.
  private var buckets: HashBuckets {
    get throws(KerasError) { try HashBuckets(count: isMasking ? bins - 1 : bins, salt: salt) }
  }
  private var isMasking: Bool { !mask.isNull && bins > 1 }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let isNarrow = graph.spec(of: input).dataType == .int32
    let integers = isNarrow ? input : try graph.cast(input, to: .int64)
    var bins = try graph.hashed(integers, into: buckets)
    if isMasking {
      guard let mask = mask.integer else {
        throw KerasError(.invalidArgument, "Integers cannot be masked by \(mask.excerpt).")
      }
      let masked = graph.constant(Tensor(scalar: Int64(mask)))
      bins = try graph.select(
        graph.compare(.equal, graph.cast(integers, to: .int64), masked), graph.scalar(0, .int64),
        graph.add(bins, graph.scalar(1, .int64)))
    }
    return try call(numbers: [bins], in: context)
  }

  public func numbers(for texts: [StringTensor]) throws(KerasError) -> [Tensor] {
    try require(texts.count == 1, "Hashing takes one input, found \(texts.count).")
    let buckets = try buckets
    let masked = mask.string.map(ExactText.init)
    try require(!isMasking || masked != nil, "Texts cannot be masked by \(mask.excerpt).")
    let isMasking = isMasking
    return [
      try texts[0].map { (text) throws(KerasError) in
        if isMasking, ExactText(text) == masked { return 0 as Int64 }
        return Int64(buckets.bucket(of: text) + (isMasking ? 1 : 0))
      }
    ]
  }

  public func call(numbers: [Value], in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    try require(
      graph.shape(of: numbers[0]).rank <= 2 || output != .multiHot, .shapeMismatch,
      "Hashing marks bins of samples [batch, sample], found \(graph.spec(of: numbers[0])).")
    return try graph.encoded(numbers[0], as: output, depth: bins, dataTypePolicy.computeType)
  }
}

extension CategoricalOutput {
  /// The type of bins, or of their encoding, where nothing else is said.
  var hashedPolicy: DataTypePolicy { DataTypePolicy(self == .integer ? .int64 : .float32) }
}

extension SettingCodec where Value == [Int]? {
  /// One number stands for both.
  static var salt: SettingCodec<[Int]?> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        try configuration.integers(key).map { $0.count == 1 ? $0 + $0 : $0 }
      },
      writing: { salt, key, config in config[key] = JSON(salt) })
  }
}
