import KerasGraph
import Synchronization

/// How tokens that are not in the vocabulary share several numbers. Raw values are Keras'.
public enum UnknownTokenMethod: String, Hashable, CaseIterable, SettingValue {
  /// The remainder of an integer; texts are always hashed.
  case remainder = "floormod"
  case hash = "farmhash"
}

/// What ``IntegerLookup`` and ``StringLookup`` share: tokens to numbers by a vocabulary, or numbers to tokens.
///
/// Number 0 is the mask token where there is one and the output is numbers; then come the numbers of unknown tokens,
/// then those of the vocabulary.
public class IndexLookup<Token: VocabularyToken>: Layer, @unchecked Sendable {
  // Sendable by rule: the lock guards what is learnt, everything else changes only while the layer is made.
  @Setting("invert") final var isInverted: Bool
  @Setting("max_tokens") final var maxTokens: Int?
  /// How many numbers there are for unknown tokens; with none, an unknown token is an error.
  @Setting("num_oov_indices") final var unknownCount: Int
  @Setting("oov_token") final var unknownToken: Token?
  @Setting("mask_token") final var maskToken: Token?
  @Setting("vocabulary_dtype", .writtenAlone) private var tokenType = Token.dataType
  @Setting("output_mode") final var output: CategoricalOutput
  @Setting("sparse") private var isSparse = false
  @Setting("pad_to_max_tokens") private var padsToMaxTokens: Bool
  @Setting("idf_weights", .numbers) private var tokenWeights: [Double]?
  /// A file may tell the size of a vocabulary that it does not hold.
  @Setting("vocabulary_size") private var knownCount: Int? = nil
  @Setting("oov_method") private var unknownMethod: UnknownTokenMethod
  @Setting("salt", .salt) private var salt: [Int]?
  @Setting("vocabulary", Token.listCodec) private var givenInFile: [Token]? = nil

  private struct State {
    var vocabulary: Vocabulary<Token>?
    /// The vocabulary as it was given; nil for one that was learnt.
    var given: [Token]?
    /// Weights read before the vocabulary they belong to.
    var readWeights: [Float]?
  }
  private let state = Mutex(State())

  init(
    vocabulary: [Token]?, maxTokens: Int?, unknownCount: Int, mask: Token?, unknown: Token, isInverted: Bool,
    output: CategoricalOutput, padsToMaxTokens: Bool, weights: [Double]?, unknownMethod: UnknownTokenMethod,
    salt: [Int]?, name: String?
  ) throws(KerasError) {
    super.init(name: name)
    self.maxTokens = maxTokens
    self.unknownCount = unknownCount
    maskToken = mask
    unknownToken = unknown
    self.isInverted = isInverted
    self.output = output
    self.padsToMaxTokens = padsToMaxTokens
    tokenWeights = weights
    self.unknownMethod = unknownMethod
    self.salt = salt
    try check()
    if let vocabulary { try install(vocabulary, weights: weights?.map(Float.init), isGiven: true) }
  }

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    try within(configuration.className) { () throws(KerasError) in try check() }
    guard let givenInFile else { return }
    try install(givenInFile, weights: tokenWeights?.map(Float.init), isGiven: true)
  }

  private func check() throws(KerasError) {
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
      (0..<1 << 31).contains(knownCount ?? 0), "No vocabulary has \(knownCount ?? 0) tokens.")
    try expect(
      salt == nil || unknownMethod == .hash || Token.isAlwaysHashed,
      "A salt is of use only when unknown integers are hashed (farmhash).")
  }

  /// How unknown tokens share their numbers; nil where integers do so by their remainder.
  func buckets() throws(KerasError) -> HashBuckets? {
    unknownMethod == .remainder && !Token.isAlwaysHashed
      ? nil : try HashBuckets(count: max(unknownCount, 1), salt: salt)
  }

  public override var castsInputs: Bool { false }

  var vocabulary: Vocabulary<Token>? { state.withLock { $0.vocabulary } }
  /// As it was given, special tokens included if they were; nil where it was learnt.
  private var givenTokens: [Token]? { state.withLock { $0.given } }

  /// The number of the first unknown token.
  var unknownStart: Int { maskToken != nil && output == .integer ? 1 : 0 }

  /// How many tokens the layer knows, special ones included; nil before it has a vocabulary.
  public var vocabularyCount: Int? { vocabulary?.count ?? knownCount }

  /// The number of categories that outputs other than numbers have.
  private func depth() throws(KerasError) -> Int {
    if padsToMaxTokens, let maxTokens { return maxTokens }
    guard let count = vocabularyCount else { throw noVocabulary }
    return count
  }

  var noVocabulary: KerasError {
    KerasError(
      .invalidArgument, "The layer has no vocabulary yet.", path: [name],
      remedy: "give it one, or call adapt(to:) with data first.")
  }

  func install(_ list: [Token], weights: [Float]?, isGiven: Bool) throws(KerasError) {
    try require(
      (weights != nil) == (output == .weightedCount), .invalidArgument,
      "Weights of tokens (idf_weights) go with the output tf_idf, and only with it.", path: [name])
    let special =
      [Token?](repeating: maskToken, count: unknownStart)
      + [Token?](repeating: unknownToken, count: unknownCount)
    let forbidden = [maskToken, isInverted ? unknownToken : nil].compactMap { $0 }
    let vocabulary = try within(name) { () throws(KerasError) in
      try Vocabulary(
        list, special: special, forbidden: forbidden, limit: maxTokens, weights: weights)
    }
    state.withLock { $0 = State(vocabulary: vocabulary, given: isGiven ? list : nil) }
    structureDidChange()
  }

  /// All tokens in the order of their numbers; nil before there is a vocabulary.
  func allTokens(includingSpecial: Bool) -> [Token?]? {
    guard let vocabulary else { return nil }
    var tokens: [Token?] = vocabulary.tokens
    if includingSpecial {
      tokens.insert(contentsOf: [Token?](repeating: unknownToken, count: unknownCount), at: 0)
      if unknownStart == 1 { tokens.insert(maskToken, at: 0) }
    }
    return tokens
  }

  /// Finds the vocabulary in counted data.
  func learn(from counter: TokenCounter<Token>) throws(KerasError) {
    try require(
      givenTokens == nil, .invalidArgument, "The layer was given a vocabulary, and learns no other.",
      path: [name])
    let (tokens, weights) = counter.mostFrequent(
      maxTokens.map { max($0 - unknownStart - unknownCount, 0) },
      without: Set([maskToken, unknownToken].compactMap { $0 }))
    try install(tokens, weights: output == .weightedCount ? weights : nil, isGiven: false)
  }

  /// Records what becomes of the numbers of tokens, of which those below 0 count for nothing.
  func encode(_ numbers: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    guard output != .integer else { return numbers }
    let depth = try depth()
    guard output == .weightedCount else {
      return try graph.encoded(numbers, as: output, depth: depth, .int64)
    }
    let counts = try graph.encoded(numbers, as: .weightedCount, depth: depth, .float32)
    return try graph.multiply(counts, graph.constant(Tensor(paddedWeights())))
  }

  /// The weight of each number, with zeros for those up to the largest allowed.
  private func paddedWeights() throws(KerasError) -> [Float] {
    guard let weights = vocabulary?.weights else { throw noVocabulary }
    return weights + [Float](repeating: 0, count: max(try depth() - weights.count, 0))
  }

  /// What stands for the output before there is a vocabulary, where only its shape is asked for.
  func outputStandIn(for numbers: TensorSpec, in graph: GraphBuilder) throws(KerasError) -> Value {
    let integers = graph.placeholder(TensorSpec(numbers.shape, .int64))
    guard output != .integer else { return integers }
    let dataType = output == .weightedCount ? DataType.float32 : .int64
    return try graph.encoded(integers, as: output, depth: depth(), dataType)
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
    let tokens = try within(name) { () throws(KerasError) in
      try within(vocabularyName) { () throws(KerasError) in try Self.tokens(in: bytes) }
    }
    let weights = state.withLock { $0.readWeights }
    try install(tokens, weights: weights.map { Array($0.prefix(tokens.count)) }, isGiven: false)
  }

  /// One token a line. A line ends with a line feed alone: tokens may hold whatever else looks like an end.
  private static func tokens(in bytes: [UInt8]) throws(KerasError) -> [Token] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw KerasError(.invalidFile, "The vocabulary is no text.")
    }
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return try lines.map { line throws(KerasError) in
      let line = String(Substring(line))
      guard let token = Token(line: line) else {
        throw KerasError(
          .invalidFile, "The vocabulary holds a line that is no token: \(JSON.string(line).excerpt).")
      }
      return token
    }
  }

  /// The tokens in a file that somebody made, on Windows perhaps.
  static func vocabulary(inFile path: String) throws(KerasError) -> [Token] {
    var bytes = try readFile(path, atMost: 1 << 30)
    bytes.removeAll { $0 == UInt8(ascii: "\r") }
    return try within(path.escaped) { () throws(KerasError) in try tokens(in: bytes) }
  }

  public override var namedArrays: [String: Tensor] {
    guard output == .weightedCount, let weights = try? paddedWeights() else { return [:] }
    return [weightsName: Tensor(weights)]
  }

  public override var arrayNames: [String] { output == .weightedCount ? [weightsName] : [] }

  public override func loadArrays(_ arrays: [String: Tensor]) throws(KerasError) {
    let weights = arrays[weightsName]?.scalars(as: Float.self)
    if givenTokens == nil { state.withLock { $0.readWeights = weights } }
  }

  public override var config: JSONObject {
    super.config.merging([
      "vocabulary_size": JSON(vocabularyCount), "vocabulary": givenTokens.map(Token.json) ?? .null,
    ])
  }
}
