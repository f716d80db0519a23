import KerasGraph

/// Texts as numbers of their words: put into a standard form, split, joined to n-grams, and looked up in a vocabulary
/// that is given or learnt by ``adapt(to:)``.
///
/// - Input: texts `[batch]` or `[batch, 1]`; texts that are not to be split may have any shape.
/// - Output: numbers (int64) `[batch, words]`, 0 where a text has fewer words than others and 1 for unknown ones; or
///   what the batch's texts hold, `[batch, vocabulary]`.
///
/// ```swift
/// let vectorize = try TextVectorization(vocabulary: ["the", "fox"], sequenceLength: 4)
/// let numbers = try vectorize(StringTensor(["The fox.", "A dog, the fox"]))     // [[2, 3, 0, 0], [1, 1, 2, 3]]
/// ```
///
/// As in Keras on TensorFlow, letters beyond ASCII keep their case, and only ASCII's punctuation goes.
public final class TextVectorization: Layer, TextLayer, TextAdaptableLayer, @unchecked Sendable {
  // What the lookup reads of the same settings is declared there.
  @Setting("standardize") public private(set) var standardization: TextStandardization?
  @Setting("split") public private(set) var splitting: TextSplitting?
  @Setting("ngrams") public private(set) var ngrams: NGrams?
  @Setting("output_sequence_length") public private(set) var sequenceLength: Int?
  @Setting("ragged", Bool.settingCodec.requiring("false: tensors are not ragged here") { !$0 })
  private var isRagged = false
  private let lookup: StringLookup

  /// - Parameters:
  ///   - vocabulary: without the special tokens; nil to learn it with ``adapt(to:)``.
  ///   - maxTokens: how many tokens there may be, special ones included.
  ///   - standardization: what is done to texts first; nil for nothing.
  ///   - splitting: what texts are split at; nil for texts that are words already.
  ///   - ngrams: which words standing together count as one; nil for single words.
  ///   - sequenceLength: to which rows of numbers are cut and filled up; nil for the longest of each batch.
  ///   - padsToMaxTokens: whether outputs other than numbers have `maxTokens` columns from the start.
  ///   - weights: of the vocabulary's tokens in the output `weightedCount`.
  /// - Throws: `invalidArgument` for settings that do not fit together, or tokens that stand twice.
  public init(
    vocabulary: [String]? = nil, maxTokens: Int? = nil,
    standardization: TextStandardization? = .lowerAndStripPunctuation,
    splitting: TextSplitting? = .whitespace,
    ngrams: NGrams? = nil, output: CategoricalOutput = .integer, sequenceLength: Int? = nil,
    padsToMaxTokens: Bool = false, weights: [Double]? = nil, name: String? = nil
  ) throws(KerasError) {
    lookup = try StringLookup(
      vocabulary: vocabulary, maxTokens: maxTokens, mask: "", output: output,
      padsToMaxTokens: padsToMaxTokens,
      weights: weights)
    super.init(name: name)
    self.standardization = standardization
    self.splitting = splitting
    self.ngrams = ngrams
    self.sequenceLength = sequenceLength
    try check()
    addChild("_lookup_layer", lookup)
  }

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    try configuration.fill(lookup)
    try lookup.settingsWereRead(from: configuration)
    try within(configuration.className) { () throws(KerasError) in try check() }
  }

  private func check() throws(KerasError) {
    if let sequenceLength {
      try require(
        (1...1 << 24).contains(sequenceLength),
        "`output_sequence_length` must be from 1 to 2^24, found \(sequenceLength).")
      try require(
        lookup.output == .integer,
        "`output_sequence_length` goes with the output int only, found \(lookup.output.rawValue).")
    }
    if let ngrams {
      try require(
        !ngrams.widths.isEmpty && ngrams.widths.allSatisfy { $0 > 0 },
        "`ngrams` must be positive, found \(ngrams.widths).")
    }
  }

  public override var config: JSONObject {
    let (own, words) = (super.config, lookup.config)
    var config: JSONObject = [:]
    // In Keras' order.
    for key in [
      "max_tokens", "standardize", "split", "ngrams", "output_mode", "output_sequence_length",
      "pad_to_max_tokens", "sparse", "ragged", "vocabulary", "idf_weights", "encoding",
    ] {
      config[key] = own[key] ?? words[key] ?? .null
    }
    config["vocabulary_size"] = JSON(vocabularyCount)
    return config
  }

  public override var castsInputs: Bool { false }

  public var output: CategoricalOutput { lookup.output }
  public var maxTokens: Int? { lookup.maxTokens }

  /// How many tokens the layer knows, special ones included.
  public var vocabularyCount: Int { lookup.vocabularyCount ?? lookup.unknownStart + lookup.unknownCount }

  /// The tokens in the order of their numbers; where there is none, `nil`.
  public func vocabulary(includingSpecialTokens: Bool = true) -> [String?] {
    lookup.vocabulary(includingSpecialTokens: includingSpecialTokens)
  }

  /// Replaces the vocabulary.
  public func setVocabulary(_ tokens: [String], weights: [Double]? = nil) throws(KerasError) {
    try lookup.setVocabulary(tokens, weights: weights)
    structureDidChange()
  }

  /// Replaces the vocabulary by that of a file: UTF-8, one token a line.
  ///
  /// - Throws: as ``StringLookup/setVocabulary(fromFile:weights:)``.
  public func setVocabulary(fromFile path: String, weights: [Double]? = nil) throws(KerasError) {
    try lookup.setVocabulary(fromFile: path, weights: weights)
    structureDidChange()
  }

  // MARK: Computing

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    throw KerasError(
      .unsupported, "TextVectorization takes texts, which no graph of numbers holds.",
      remedy: "call it with a StringTensor, and the model with what it returns.")
  }

  public func numbers(for texts: [StringTensor]) throws(KerasError) -> [Tensor] {
    try require(
      texts.count == 1, .invalidArgument, "TextVectorization takes one input, found \(texts.count).",
      path: [name])
    let (rows, outer) = try tokens(of: texts[0])
    let longest = rows.reduce(0) { max($0, $1.count) }
    // A row of nothing still is a row of what it holds.
    let width = sequenceLength ?? (output == .integer ? longest : max(longest, 1))
    guard let count = checkedElementCount(outer + [width]), count < 1 << 40 else {
      throw KerasError(
        .invalidArgument, "\(rows.count) texts of up to \(width) words are too many at once.", path: [name])
    }
    var padded: [String] = []
    padded.reserveCapacity(count)
    for row in rows {
      padded += row.prefix(width)
      // The mask token is number 0, or counts for nothing.
      padded += repeatElement("", count: max(width - row.count, 0))
    }
    return try lookup.numbers(for: [StringTensor(padded, shape: outer + [width])])
  }

  public func call(numbers: [Value], in context: CallContext) throws(KerasError) -> Value {
    try lookup.call(numbers: numbers, in: context)
  }

  /// The tokens of each text, or of each row of what is not split, and the lengths of the axes in front of them.
  private func tokens(of texts: StringTensor) throws(KerasError) -> (rows: [[String]], outer: [Int]) {
    var rows: [[String]]
    let outer: [Int]
    let elements =
      standardization.map { standardization in texts.elements.map(standardization.applied) } ?? texts.elements
    if let splitting {
      try require(
        texts.shape.count < 2 || texts.shape.last == 1, .shapeMismatch,
        "Texts to be split have the shape [batch] or [batch, 1], found \(Shape(texts.shape)).", path: [name])
      outer = texts.shape.count < 2 ? texts.shape : Array(texts.shape.dropLast())
      rows = elements.map(splitting.parts)
    } else {
      let length = texts.shape.last ?? 1
      outer = Array(texts.shape.dropLast())
      rows = (0..<elementCountOf(outer)).map { Array(elements[$0 * length..<($0 + 1) * length]) }
    }
    if let ngrams { rows = rows.map(ngrams.joined) }
    return (rows, outer)
  }

  // MARK: Learning

  public func adapt(toBatches batches: some Sequence<StringTensor>) throws(KerasError) {
    var counter = TokenCounter<ExactText>()
    for batch in batches {
      for row in try tokens(of: batch).rows { counter.add(document: row.map(ExactText.init)) }
    }
    try lookup.learn(from: counter)
    structureDidChange()
  }

  // MARK: Files

  // Keras stores what the lookup has twice: as its own, and as this layer's.
  public override var assets: [String: [UInt8]] { lookup.assets }
  public override func loadAssets(_ files: [String: [UInt8]]) throws(KerasError) {
    try lookup.loadAssets(files)
  }
  public override var namedArrays: [String: Tensor] { lookup.namedArrays }
  public override var arrayNames: [String] { lookup.arrayNames }
  public override func loadArrays(_ arrays: [String: Tensor]) throws(KerasError) {
    try lookup.loadArrays(arrays)
  }
}
