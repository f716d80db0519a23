import KerasCore

#if canImport(Glibc)
  import Glibc
#endif

/// The tokens a lookup knows and the numbers they have: masked, then unknown ones, then those of the vocabulary.
struct Vocabulary<Token: VocabularyToken>: Sendable {
  /// Without special ones, in order.
  let tokens: [Token]
  /// The number of the first token.
  let start: Int
  /// The weight of each number where occurrences are weighted; special ones come first.
  let weights: [Float]?
  private let positions: [Token: Int]

  /// - Parameters:
  ///   - special: mask and unknown tokens as they may stand in front of `list`.
  ///   - forbidden: tokens that must not stand among the others.
  ///   - limit: of the number of tokens, special ones included.
  ///   - weights: one for each element of `list`.
  /// - Throws: `invalidArgument`
  init(
    _ list: [Token], special: [Token?], forbidden: [Token], limit: Int?, weights: [Float]? = nil
  ) throws(KerasError) {
    guard !list.isEmpty else { throw KerasError(.invalidArgument, "A vocabulary has at least one token.") }
    start = special.count
    let hasSpecial = list.count >= start && zip(special, list).allSatisfy { $0 == $1 }
    tokens = hasSpecial ? Array(list.dropFirst(start)) : list
    var positions: [Token: Int] = [:]
    for (index, token) in tokens.enumerated() {
      try require(
        positions.updateValue(start + index, forKey: token) == nil, "The vocabulary holds \(token) twice.")
    }
    self.positions = positions
    for token in forbidden where positions[token] != nil {
      throw KerasError(
        .invalidArgument, "The vocabulary holds the reserved token \(token).",
        remedy: "leave reserved tokens out, or put all of them in front.")
    }
    let count = special.count + tokens.count
    if let limit, count > limit {
      throw KerasError(
        .invalidArgument,
        "A vocabulary of \(count) tokens, special ones included, is larger than max_tokens, \(limit).")
    }
    guard let weights else {
      self.weights = nil
      return
    }
    try require(
      weights.count == list.count, "\(list.count) tokens need as many weights, found \(weights.count).")
    // Special tokens that were not given weights get the average.
    let average = weights.reduce(0) { $0 + Double($1) } / Double(weights.count)
    self.weights = hasSpecial ? weights : [Float](repeating: Float(average), count: start) + weights
  }

  var count: Int { start + tokens.count }

  subscript(token: Token) -> Int? { positions[token] }
}

/// Counts tokens, to find the most frequent ones and how many documents hold each.
struct TokenCounter<Token: VocabularyToken> {
  private var counts: [Token: Int] = [:]
  private var documentCounts: [Token: Int] = [:]
  private var documents = 0

  /// Adds rows of tokens, each a document.
  mutating func add(_ tokens: [Token], rowLength: Int) {
    for token in tokens { counts[token, default: 0] += 1 }
    guard rowLength > 0 else { return }
    for start in stride(from: 0, to: tokens.count, by: rowLength) {
      for token in Set(tokens[start..<min(start + rowLength, tokens.count)]) {
        documentCounts[token, default: 0] += 1
      }
      documents += 1
    }
  }

  /// Adds one document, which may be empty.
  mutating func add(document tokens: [Token]) {
    add(tokens, rowLength: tokens.count)
    if tokens.isEmpty { documents += 1 }
  }

  /// The most frequent tokens, of equally frequent ones the largest first, and how rare each is:
  /// `ln(1 + documents / (1 + documents that hold it))`.
  func mostFrequent(_ limit: Int?, without special: Set<Token>) -> (tokens: [Token], weights: [Float]) {
    let sorted = counts.filter { !special.contains($0.key) }.sorted {
      ($1.value, $1.key) < ($0.value, $0.key)
    }
    let tokens = sorted.prefix(limit ?? .max).map(\.key)
    let weights = tokens.map { token in
      Float(log(1 + Double(documents) / Double(1 + (documentCounts[token] ?? 0))))
    }
    return (tokens, weights)
  }
}
