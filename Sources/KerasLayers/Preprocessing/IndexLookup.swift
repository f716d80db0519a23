import KerasGraph
import Synchronization

/// What ``IntegerLookup`` and ``StringLookup`` share: tokens to numbers by a vocabulary, or numbers to tokens.
///
/// Number 0 is the mask token where there is one and the output is numbers; then come the numbers of unknown tokens,
/// then those of the vocabulary.
public class IndexLookup<Token: VocabularyToken>: Layer, @unchecked Sendable {
  // Sendable by rule: the lock guards the vocabulary, everything else is constant.
  let options: LookupOptions
  let maskToken: Token?
  let unknownToken: Token?
  private struct State {
    var vocabulary: Vocabulary<Token>?
    /// The vocabulary as it was given; nil for one that was learnt.
    var given: [Token]?
    /// The size a file tells of a vocabulary it does not hold.
    var knownCount: Int?
    /// Weights read before the vocabulary they belong to.
    var readWeights: [Float]?
  }
  private let state: Mutex<State>

  init(options: LookupOptions, maskToken: Token?, unknownToken: Token?, name: String?) {
    self.options = options
    self.maskToken = maskToken
    self.unknownToken = unknownToken
    state = Mutex(State(knownCount: options.vocabularyCount))
    super.init(name: name)
  }

  public override var castsInputs: Bool { false }

  var vocabulary: Vocabulary<Token>? { state.withLock { $0.vocabulary } }
  /// As it was given, special tokens included if they were; nil where it was learnt.
  var givenTokens: [Token]? { state.withLock { $0.given } }

  /// The number of the first unknown token.
  var unknownStart: Int { maskToken != nil && options.output == .integer ? 1 : 0 }
  private var tokenStart: Int { unknownStart + options.unknownCount }

  /// How many tokens the layer knows, special ones included; nil before it has a vocabulary.
  public var vocabularyCount: Int? { state.withLock { $0.vocabulary?.count ?? $0.knownCount } }

  /// The number of categories that outputs other than numbers have.
  func depth() throws(KerasError) -> Int {
    if options.padsToMaxTokens, let maximum = options.maxTokens { return maximum }
    guard let count = vocabularyCount else { throw noVocabulary }
    return count
  }

  var noVocabulary: KerasError {
    KerasError(
      .invalidArgument, "The layer has no vocabulary yet.", path: [name],
      remedy: "give it one, or call adapt(to:) with data first.")
  }

  func install(_ list: [Token], weights: [Float]?, isGiven: Bool) throws(KerasError) {
    guard (weights != nil) == (options.output == .weightedCount) else {
      throw KerasError(
        .invalidArgument, "Weights of tokens (idf_weights) go with the output tf_idf, and only with it.",
        path: [name])
    }
    let special =
      [Token?](repeating: maskToken, count: unknownStart)
      + [Token?](repeating: unknownToken, count: options.unknownCount)
    let forbidden = [maskToken, options.isInverted ? unknownToken : nil].compactMap { $0 }
    let vocabulary = try within(name) { () throws(KerasError) in
      try Vocabulary(
        list, special: special, forbidden: forbidden, limit: options.maxTokens, weights: weights)
    }
    state.withLock {
      $0 = State(vocabulary: vocabulary, given: isGiven ? list : nil, knownCount: vocabulary.count)
    }
    structureDidChange()
  }

  /// All tokens in the order of their numbers; nil before there is a vocabulary.
  func allTokens(includingSpecial: Bool) -> [Token?]? {
    guard let vocabulary else { return nil }
    var tokens: [Token?] = vocabulary.tokens
    if includingSpecial {
      tokens.insert(contentsOf: [Token?](repeating: unknownToken, count: options.unknownCount), at: 0)
      if unknownStart == 1 { tokens.insert(maskToken, at: 0) }
    }
    return tokens
  }

  /// Finds the vocabulary in counted data.
  func learn(from counter: TokenCounter<Token>) throws(KerasError) {
    guard givenTokens == nil else {
      throw KerasError(
        .invalidArgument, "The layer was given a vocabulary, and learns no other.", path: [name])
    }
    let (tokens, weights) = counter.mostFrequent(
      options.maxTokens.map { max($0 - tokenStart, 0) },
      without: Set([maskToken, unknownToken].compactMap { $0 }))
    try install(tokens, weights: options.output == .weightedCount ? weights : nil, isGiven: false)
  }

  /// Records what becomes of the numbers of tokens, of which those below 0 count for nothing.
  func encode(_ numbers: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    guard options.output != .integer else { return numbers }
    let depth = try depth()
    guard options.output == .weightedCount else {
      return try graph.encoded(numbers, as: options.output, depth: depth, .int64)
    }
    let counts = try graph.encoded(numbers, as: .weightedCount, depth: depth, .float32)
    return try graph.multiply(counts, graph.constant(Tensor(paddedWeights())))
  }

  /// The weight of each number, with zeros for those up to the largest allowed.
  func paddedWeights() throws(KerasError) -> [Float] {
    guard let weights = vocabulary?.weights else { throw noVocabulary }
    return weights + [Float](repeating: 0, count: max(try depth() - weights.count, 0))
  }

  /// What stands for the output before there is a vocabulary, where only its shape is asked for.
  func outputStandIn(for numbers: TensorSpec, in graph: GraphBuilder) throws(KerasError) -> Value {
    let integers = graph.placeholder(TensorSpec(numbers.shape, .int64))
    guard options.output != .integer else { return integers }
    let dataType = options.output == .weightedCount ? DataType.float32 : .int64
    return try graph.encoded(integers, as: options.output, depth: depth(), dataType)
  }

  // MARK: Files

  private var vocabularyName: String { "vocabulary.txt" }
  private var weightsName: String { "idf_weights" }

  /// A learnt vocabulary, one token a line, special ones included; one that was given stands in the settings.
  public override var assets: [String: [UInt8]] {
    guard givenTokens == nil, let tokens = allTokens(includingSpecial: true) else { return [:] }
    return [vocabularyName: Array(tokens.map { $0?.line ?? "None" }.joined(separator: "\n").utf8)]
  }

  public override func loadAssets(_ files: [String: [UInt8]]) throws(KerasError) {
    guard givenTokens == nil, let bytes = files[vocabularyName] else { return }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw KerasError(.invalidFile, "The vocabulary is no text.", path: [name, vocabularyName])
    }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    while lines.last?.isEmpty == true { lines.removeLast() }
    var tokens: [Token] = []
    for line in lines {
      guard let token = Token(line: String(line)) else {
        throw KerasError(
          .invalidFile, "The vocabulary holds a line that is no token: \(JSON.string(String(line)).excerpt).",
          path: [name, vocabularyName])
      }
      tokens.append(token)
    }
    let weights = state.withLock { $0.readWeights }
    try install(tokens, weights: weights.map { Array($0.prefix(tokens.count)) }, isGiven: false)
  }

  public override var namedArrays: [String: Tensor] {
    guard options.output == .weightedCount, let weights = try? paddedWeights() else { return [:] }
    return [weightsName: Tensor(weights)]
  }

  public override var arrayNames: [String] { options.output == .weightedCount ? [weightsName] : [] }

  public override func loadArrays(_ arrays: [String: Tensor]) throws(KerasError) {
    let weights = arrays[weightsName]?.scalars(as: Float.self)
    if givenTokens == nil { state.withLock { $0.readWeights = weights } }
  }

  /// Both kinds of lookup in Keras' order.
  func config(tokens: JSONObject) -> JSONObject {
    var config: JSONObject = [
      "invert": .bool(options.isInverted), "max_tokens": JSON(options.maxTokens),
      "num_oov_indices": .integer(options.unknownCount),
    ]
    for (key, value) in tokens { config[key] = value }
    config["output_mode"] = .string(options.output.rawValue)
    config["sparse"] = .bool(options.isSparse)
    config["pad_to_max_tokens"] = .bool(options.padsToMaxTokens)
    config["idf_weights"] = JSON(options.weights)
    config["vocabulary_size"] = JSON(vocabularyCount)
    config["oov_method"] = .string(options.unknownMethod.rawValue)
    config["salt"] = JSON(options.salt)
    return config
  }
}

/// How tokens that are not in the vocabulary share several numbers. Raw values are Keras'.
public enum UnknownTokenMethod: String, Hashable, Sendable, CaseIterable {
  /// The remainder of an integer; texts are always hashed.
  case remainder = "floormod"
  case hash = "farmhash"
}

/// The settings both kinds of lookup have.
struct LookupOptions: Sendable {
  var maxTokens: Int?
  /// How many numbers there are for unknown tokens; with none, an unknown token is an error.
  var unknownCount = 1
  var isInverted = false
  var output = CategoricalOutput.integer
  var isSparse = false
  var padsToMaxTokens = false
  var weights: [Double]?
  var unknownMethod = UnknownTokenMethod.remainder
  var salt: [Int]?
  var vocabularyCount: Int?

  init() {}

  init(_ settings: Configuration) throws(KerasError) {
    settings.ignore("has_input_vocabulary")
    maxTokens = try settings.integer("max_tokens")
    unknownCount = try settings.integer("num_oov_indices", default: 1)
    isInverted = try settings.boolean("invert", default: false)
    output = try CategoricalOutput(settings, default: .integer)
    isSparse = try settings.boolean("sparse", default: false)
    padsToMaxTokens = try settings.boolean("pad_to_max_tokens", default: false)
    weights = try settings.numbers("idf_weights")
    unknownMethod = try settings.choice("oov_method", default: .remainder)
    let numbers = try settings.integers("salt")
    salt = numbers?.count == 1 ? numbers.map { $0 + $0 } : numbers
    vocabularyCount = try settings.integer("vocabulary_size")
    try within(settings.className) { () throws(KerasError) in try check() }
  }

  func check() throws(KerasError) {
    func expect(_ holds: Bool, _ what: String) throws(KerasError) {
      if !holds { throw KerasError(.invalidArgument, what) }
    }
    try expect(maxTokens ?? 2 > 1, "`max_tokens` must be greater than 1, found \(maxTokens ?? 0).")
    try expect(
      (0...1 << 20).contains(unknownCount), "`num_oov_indices` must be from 0 to 2^20, found \(unknownCount)."
    )
    try expect(maxTokens != nil || !padsToMaxTokens, "`pad_to_max_tokens` needs `max_tokens`.")
    try expect(
      !isInverted || output == .integer, "An inverted lookup takes numbers: `output_mode` must be int.")
    try expect(salt == nil || salt?.count == 2, "A salt is two whole numbers, found \(salt ?? []).")
    try expect(
      (0..<1 << 31).contains(vocabularyCount ?? 0), "No vocabulary has \(vocabularyCount ?? 0) tokens.")
  }

  func checkForIntegers() throws(KerasError) {
    guard salt == nil || unknownMethod == .hash else {
      throw KerasError(.invalidArgument, "A salt is of use only when unknown integers are hashed (farmhash).")
    }
  }

  /// How unknown tokens share their numbers; nil where integers do so by their remainder.
  func buckets(forIntegers: Bool) throws(KerasError) -> HashBuckets? {
    forIntegers && unknownMethod == .remainder
      ? nil : try HashBuckets(count: max(unknownCount, 1), salt: salt)
  }
}
