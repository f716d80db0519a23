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
  @Setting("encoding") private var encoding = "utf-8"

  /// - Parameters:
  ///   - vocabulary: nil to learn it with ``adapt(to:)``.
  ///   - weights: of the tokens in the output `weightedCount`.
  /// - Throws: `invalidArgument` for settings that do not fit together, or tokens that stand twice.
  public init(
    vocabulary: [String]? = nil, maxTokens: Int? = nil, unknownCount: Int = 1, mask: String? = nil,
    unknown: String = "[UNK]", isInverted: Bool = false, output: CategoricalOutput = .integer,
    padsToMaxTokens: Bool = false, weights: [Double]? = nil, salt: [Int]? = nil, name: String? = nil
  ) throws(KerasError) {
    try super.init(
      vocabulary: vocabulary?.map(ExactText.init), maxTokens: maxTokens, unknownCount: unknownCount,
      mask: mask.map(ExactText.init), unknown: ExactText(unknown), isInverted: isInverted, output: output,
      padsToMaxTokens: padsToMaxTokens, weights: weights, unknownMethod: .remainder, salt: salt, name: name)
  }

  /// The texts in the order of their numbers; where there is none, `nil`.
  public func vocabulary(includingSpecialTokens: Bool = true) -> [String?] {
    allTokens(includingSpecial: includingSpecialTokens)?.map { $0?.text } ?? []
  }

  /// Replaces the vocabulary.
  public func setVocabulary(_ tokens: [String], weights: [Double]? = nil) throws(KerasError) {
    try install(tokens.map(ExactText.init), weights: weights?.map(Float.init), isGiven: true)
  }

  /// Replaces the vocabulary by that of a file: UTF-8, one text a line.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` for what is no text; `invalidArgument` for texts that stand twice.
  public func setVocabulary(fromFile path: String, weights: [Double]? = nil) throws(KerasError) {
    try install(Self.vocabulary(inFile: path), weights: weights?.map(Float.init), isGiven: true)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    throw KerasError(
      .unsupported,
      "StringLookup \(isInverted ? "gives" : "takes") texts, which no graph of numbers holds.",
      remedy: isInverted
        ? "call texts(for:) with the numbers."
        : "call it with a StringTensor, and the model with its numbers.")
  }

  public func numbers(for texts: [StringTensor]) throws(KerasError) -> [Tensor] {
    guard let vocabulary else { throw noVocabulary }
    guard texts.count == 1, !isInverted else {
      throw KerasError(
        .invalidArgument,
        isInverted
          ? "An inverted StringLookup takes numbers." : "StringLookup takes one input, found \(texts.count).",
        path: [name])
    }
    let buckets = unknownCount > 1 ? try buckets() : nil
    return [
      try texts[0].map { (text) throws(KerasError) in
        let token = ExactText(text)
        // Masked texts are number 0, or count for nothing.
        if token == maskToken { return Int64(output == .integer ? 0 : -1) }
        if let number = vocabulary[token] { return Int64(number) }
        try require(
          unknownCount > 0, .invalidArgument, "The vocabulary does not hold \"\(text)\".", path: [name],
          remedy: "leave at least one number for unknown texts (num_oov_indices).")
        return Int64(unknownStart + (buckets?.bucket(of: text) ?? 0))
      }
    ]
  }

  public func call(numbers: [Value], in context: CallContext) throws(KerasError) -> Value {
    try encode(numbers[0], in: context.graph)
  }

  public func texts(for numbers: Tensor) throws(KerasError) -> StringTensor {
    guard let tokens = allTokens(includingSpecial: true) else { throw noVocabulary }
    guard isInverted, let unknown = unknownToken?.text else {
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
