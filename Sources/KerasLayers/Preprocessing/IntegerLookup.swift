import KerasGraph

/// Numbers integers by a vocabulary, or gives back the integers for such numbers.
///
/// - Input: integers `[batch, sample]`. Output: numbers (int64) of the same shape, or their encoding.
///
/// ```swift
/// let lookup = try IntegerLookup(vocabulary: [12, 36, 1138, 42])   // 12 → 1, 36 → 2, …; all others → 0
/// ```
public final class IntegerLookup: IndexLookup<Int64>, AdaptableLayer, @unchecked Sendable {
  /// - Parameters:
  ///   - vocabulary: nil to learn it with ``adapt(to:)``.
  ///   - weights: of the tokens in the output `weightedCount`.
  /// - Throws: `invalidArgument` for settings that do not fit together, or tokens that stand twice.
  public init(
    vocabulary: [Int]? = nil, maxTokens: Int? = nil, unknownCount: Int = 1, mask: Int? = nil,
    unknown: Int = -1, isInverted: Bool = false, output: CategoricalOutput = .integer,
    padsToMaxTokens: Bool = false,
    weights: [Double]? = nil, unknownMethod: UnknownTokenMethod = .remainder, salt: [Int]? = nil,
    name: String? = nil
  ) throws(KerasError) {
    try super.init(
      vocabulary: vocabulary?.map(Int64.init), maxTokens: maxTokens, unknownCount: unknownCount,
      mask: mask.map(Int64.init), unknown: Int64(unknown), isInverted: isInverted, output: output,
      padsToMaxTokens: padsToMaxTokens, weights: weights, unknownMethod: unknownMethod, salt: salt, name: name
    )
  }

  /// The integers in the order of their numbers; where there is none, `nil`.
  public func vocabulary(includingSpecialTokens: Bool = true) -> [Int?] {
    allTokens(includingSpecial: includingSpecialTokens)?.map { $0.map(Int.init) } ?? []
  }

  /// Replaces the vocabulary.
  public func setVocabulary(_ tokens: [Int], weights: [Double]? = nil) throws(KerasError) {
    try install(tokens.map(Int64.init), weights: weights?.map(Float.init), isGiven: true)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    guard let vocabulary else {
      guard context.isMeasuring else { throw noVocabulary }
      return try outputStandIn(for: graph.spec(of: input), in: graph)
    }
    let x = try graph.cast(input, to: .int64)
    return isInverted
      ? try tokens(for: x, vocabulary, in: graph)
      : try encode(numbers(for: x, vocabulary, in: graph), in: graph)
  }

  private func numbers(
    for x: Value, _ vocabulary: Vocabulary<Int64>, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    func integer(_ number: Int64) -> Value { graph.constant(Tensor(scalar: number)) }
    let sorted = vocabulary.tokens.sorted()
    let numbers = sorted.map { Int64(vocabulary[$0] ?? 0) }
    guard !sorted.isEmpty else { return try unknown(x, in: graph) }
    let keys = graph.constant(Tensor(sorted))
    let last = graph.scalar(Double(sorted.count - 1), .int32)
    let place = try graph.binary(.minimum, graph.searchSorted(keys, for: x), last)
    let isKnown = try graph.compare(.equal, graph.gather(keys, at: place), x)
    var result: Value
    if unknownCount == 0 {
      // A place behind the last makes the run fail, which is what an unknown token must do.
      let behind = graph.scalar(Double(sorted.count), .int32)
      var isAllowed = isKnown
      if let maskToken {
        isAllowed = try graph.binary(.logicalOr, isKnown, graph.compare(.equal, x, integer(maskToken)))
      }
      result = try graph.gather(
        graph.constant(Tensor(numbers)), at: graph.select(isAllowed, place, behind))
    } else {
      let known = try graph.gather(graph.constant(Tensor(numbers)), at: place)
      result = try graph.select(isKnown, known, unknown(x, in: graph))
    }
    guard let maskToken else { return result }
    // Masked tokens are number 0, or count for nothing.
    result = try graph.select(
      graph.compare(.equal, x, integer(maskToken)), integer(output == .integer ? 0 : -1), result)
    return result
  }

  /// The numbers integers have that are not in the vocabulary.
  private func unknown(_ x: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    let start = graph.constant(Tensor(scalar: Int64(unknownStart)))
    guard unknownCount > 1 else { return try graph.broadcast(start, to: graph.shape(of: x)) }
    if let buckets = try buckets() {
      return try graph.add(graph.hashed(x, into: buckets), start)
    }
    let count = try graph.scalar(Double(unknownCount), like: x)
    return try graph.add(graph.binary(.remainder, x, count), start)
  }

  private func tokens(
    for x: Value, _ vocabulary: Vocabulary<Int64>, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    guard let unknownToken else {
      throw KerasError(.invalidArgument, "An inverted lookup needs a token for unknown numbers (oov_token).")
    }
    var table = [Int64](repeating: unknownToken, count: vocabulary.start) + vocabulary.tokens
    if unknownStart == 1, let maskToken, !table.isEmpty { table[0] = maskToken }
    let isInside = try graph.binary(
      .logicalAnd, graph.compare(.greaterEqual, x, 0), graph.compare(.less, x, Double(table.count)))
    let place = try graph.cast(graph.select(isInside, x, graph.scalar(0, .int64)), to: .int32)
    return try graph.select(
      isInside, graph.gather(graph.constant(Tensor(table)), at: place),
      graph.constant(Tensor(scalar: unknownToken)))
  }

  public func adapt(toBatches batches: some Sequence<Tensor>) throws(KerasError) {
    var counter = TokenCounter<Int64>()
    for batch in batches {
      counter.add(
        batch.scalars(), rowLength: batch.rank > 1 ? batch.elementCount / max(batch.shape[0], 1) : 1)
    }
    try learn(from: counter)
  }
}
