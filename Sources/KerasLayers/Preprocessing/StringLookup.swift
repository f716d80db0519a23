import KerasGraph

/// Numbers texts by a vocabulary, or gives back the texts for such numbers.
///
/// - Input: texts `[batch, sample]`. Output: numbers (int64) of the same shape, or their encoding.
///
/// ```swift
/// let lookup = try StringLookup(vocabulary: ["the", "fox"])
/// let numbers = try lookup(StringTensor([["the", "dog"]]))     // [[1, 0]]
/// ```
public final class StringLookup: IndexLookup<ExactText>, TextLayer, TextProducingLayer, TextAdaptableLayer,
  @unchecked Sendable
{
  private let encoding: String

  /// - Parameters:
  ///   - vocabulary: nil to learn it with ``adapt(to:)``.
  ///   - weights: of the tokens in the output `weightedCount`.
  /// - Throws: `invalidArgument` for settings that do not fit together, or tokens that stand twice.
  public init(
    vocabulary: [String]? = nil, maxTokens: Int? = nil, unknownCount: Int = 1, mask: String? = nil,
    unknown: String = "[UNK]", isInverted: Bool = false, output: CategoricalOutput = .integer,
    padsToMaxTokens: Bool = false, weights: [Double]? = nil, salt: [Int]? = nil, name: String? = nil
  ) throws(KerasError) {
    var options = LookupOptions()
    (options.maxTokens, options.unknownCount, options.isInverted) = (maxTokens, unknownCount, isInverted)
    (options.output, options.padsToMaxTokens, options.weights) = (output, padsToMaxTokens, weights)
    options.salt = salt
    try options.check()
    encoding = "utf-8"
    super.init(
      options: options, maskToken: mask.map(ExactText.init), unknownToken: ExactText(unknown), name: name)
    if let vocabulary { try setVocabulary(vocabulary, weights: weights) }
  }

  public init(_ settings: Configuration) throws(KerasError) {
    let options = try LookupOptions(settings)
    settings.ignore("vocabulary_dtype")
    encoding = try settings.string("encoding", default: "utf-8")
    let mask = try settings.string("mask_token")
    let unknown =
      settings.json("oov_token").map(\.isNull) == true
      ? nil : try settings.string("oov_token", default: "[UNK]")
    super.init(
      options: options, maskToken: mask.map(ExactText.init), unknownToken: unknown.map(ExactText.init),
      name: settings.name)
    guard let json = settings.value("vocabulary") else { return }
    // A path is not followed: files open no other files.
    guard let list = json.array else { throw settings.wrong("vocabulary", "a list of texts", json) }
    var tokens: [String] = []
    for element in list {
      guard let text = element.string else { throw settings.wrong("vocabulary", "a list of texts", json) }
      tokens.append(text)
    }
    try setVocabulary(tokens, weights: options.weights)
  }

  /// The texts in the order of their numbers; where there is none, `nil`.
  public func vocabulary(includingSpecialTokens: Bool = true) -> [String?] {
    allTokens(includingSpecial: includingSpecialTokens)?.map { $0?.text } ?? []
  }

  /// Replaces the vocabulary.
  public func setVocabulary(_ tokens: [String], weights: [Double]? = nil) throws(KerasError) {
    try install(tokens.map(ExactText.init), weights: weights?.map(Float.init), isGiven: true)
  }

  override func line(of token: ExactText) -> String { token.text }
  override func token(of line: Substring) -> ExactText { ExactText(String(line)) }

  public override var config: JSONObject {
    var config = config(tokens: [
      "oov_token": JSON(unknownToken?.text), "mask_token": JSON(maskToken?.text),
    ])
    config["vocabulary"] = givenTokens.map { .array($0.map { .string($0.text) }) } ?? .null
    config["encoding"] = .string(encoding)
    return config
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    throw KerasError(
      .unsupported,
      "StringLookup \(options.isInverted ? "gives" : "takes") texts, which no graph of numbers holds.",
      remedy: options.isInverted
        ? "call texts(for:) with the numbers."
        : "call it with a StringTensor, and the model with its numbers.")
  }

  public func numbers(for texts: [StringTensor]) throws(KerasError) -> [Tensor] {
    guard let vocabulary else { throw noVocabulary }
    guard texts.count == 1, !options.isInverted else {
      throw KerasError(
        .invalidArgument,
        options.isInverted
          ? "An inverted StringLookup takes numbers." : "StringLookup takes one input, found \(texts.count).",
        path: [name])
    }
    let buckets = options.unknownCount > 1 ? try options.buckets(forIntegers: false) : nil
    return [
      try texts[0].map { (text) throws(KerasError) in
        let token = ExactText(text)
        // Masked texts are number 0, or count for nothing.
        if token == maskToken { return Int64(options.output == .integer ? 0 : -1) }
        if let number = vocabulary[token] { return Int64(number) }
        guard options.unknownCount > 0 else {
          throw KerasError(
            .invalidArgument, "The vocabulary does not hold \"\(text)\".", path: [name],
            remedy: "leave at least one number for unknown texts (num_oov_indices).")
        }
        return Int64(unknownStart + (buckets?.bucket(of: text) ?? 0))
      }
    ]
  }

  public func call(numbers: [Value], in context: CallContext) throws(KerasError) -> Value {
    try encode(numbers[0], in: context.graph)
  }

  public func texts(for numbers: Tensor) throws(KerasError) -> StringTensor {
    guard let tokens = allTokens(includingSpecial: true) else { throw noVocabulary }
    guard options.isInverted, let unknown = unknownToken?.text else {
      throw KerasError(
        .invalidArgument, "The layer gives numbers for texts; one made with isInverted gives texts.",
        path: [name])
    }
    let texts = numbers.scalars(as: Int64.self).map { number in
      Int(exactly: number).flatMap { tokens.indices.contains($0) ? tokens[$0]?.text : nil } ?? unknown
    }
    return try StringTensor(texts, shape: numbers.shape)
  }

  public func adapt(toBatches batches: some Sequence<StringTensor>) throws(KerasError) {
    var counter = TokenCounter<ExactText>()
    for batch in batches {
      counter.add(
        batch.elements.map(ExactText.init),
        rowLength: batch.shape.count > 1 ? batch.elements.count / max(batch.shape[0], 1) : 1)
    }
    try learn(from: counter)
  }
}
