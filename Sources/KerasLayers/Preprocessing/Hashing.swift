import KerasGraph

/// Sorts texts or integers into bins by a hash, so that no vocabulary is needed.
///
/// - Input: integers or texts `[batch, sample]`. Output: bin numbers (int64) of the same shape, or their encoding.
///
/// Bins are TensorFlow's: FarmHash of the text, or of an integer's digits; with a salt, SipHash.
public final class Hashing: Layer, TextLayer, @unchecked Sendable {
  public let bins: Int
  public let output: CategoricalOutput
  /// What goes into bin 0 alone; a text or an integer.
  public let mask: JSON
  /// Two numbers that nobody need know but you.
  public let salt: [Int]?
  private let isSparse: Bool

  public init(
    bins: Int, mask: JSON = .null, salt: [Int]? = nil, output: CategoricalOutput = .integer,
    name: String? = nil
  ) {
    self.bins = bins
    self.mask = mask
    self.salt = salt
    self.output = output
    isSparse = false
    super.init(name: name)
    dataTypePolicy = DataTypePolicy(output == .integer ? .int64 : .float32)
  }

  public init(_ settings: Configuration) throws(KerasError) {
    bins = try settings.requiredInteger("num_bins")
    mask = settings.value("mask_value") ?? .null
    let numbers = try settings.integers("salt")
    salt = numbers?.count == 1 ? numbers.map { $0 + $0 } : numbers
    output = try CategoricalOutput(settings, default: .integer)
    isSparse = try settings.boolean("sparse", default: false)
    super.init(name: settings.name)
    dataTypePolicy = DataTypePolicy(output == .integer ? .int64 : .float32)
  }

  public override var config: JSONObject {
    [
      "num_bins": .integer(bins), "salt": JSON(salt), "mask_value": mask,
      "output_mode": .string(output.rawValue), "sparse": .bool(isSparse),
    ]
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
    guard texts.count == 1 else {
      throw KerasError(.invalidArgument, "Hashing takes one input, found \(texts.count).")
    }
    let buckets = try buckets
    let masked = mask.string.map(ExactText.init)
    guard !isMasking || masked != nil else {
      throw KerasError(.invalidArgument, "Texts cannot be masked by \(mask.excerpt).")
    }
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
    guard graph.shape(of: numbers[0]).rank <= 2 || output != .multiHot else {
      throw KerasError(
        .shapeMismatch, "Hashing marks bins of samples [batch, sample], found \(graph.spec(of: numbers[0])).")
    }
    return try graph.encoded(numbers[0], as: output, depth: bins, dataTypePolicy.computeType)
  }
}
