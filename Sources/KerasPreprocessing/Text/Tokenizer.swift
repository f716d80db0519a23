import KerasCore

#if canImport(Glibc)
  import Glibc
#endif

/// Words numbered by how often they occur, as Keras' `Tokenizer`.
///
/// ```swift
/// var tokenizer = Tokenizer(unknownToken: "<OOV>")
/// try tokenizer.fit(on: ["The fox runs.", "The dog sleeps."])
/// let numbers = try tokenizer.sequences(for: ["The cat runs."])     // [[2, 1, 4]]
/// ```
/// Number 0 belongs to no word; the token for unknown words, where there is one, is number 1; then come the
/// words, the most frequent first, those of equal frequency in the order in which they came.
public struct Tokenizer: Sendable {
  /// What ``matrix(for:mode:)`` shows of a text. Raw values are Keras'.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// Whether it holds the word.
    case binary
    /// How often.
    case count
    /// Which share of its words that is.
    case frequency = "freq"
    /// The count, and how rare the word is among the texts the tokenizer was fitted on:
    /// `(1 + ln count) · ln(1 + texts / (1 + texts with the word))`.
    case weightedCount = "tfidf"
  }

  /// Only words with numbers below this are used; nil, or 0 as in Keras, for all.
  public var wordLimit: Int?
  public var splitting: WordSplitting
  /// Whether every code point is a word; nothing is filtered then.
  public let isCharacterLevel: Bool
  public let unknownToken: String?
  /// How to find words, in place of `splitting`; not written to JSON.
  public var analyzer: (@Sendable (String) -> [String])?
  /// How many texts the tokenizer was fitted on.
  public private(set) var documentCount = 0

  private var counts = WordCounts()
  private var documents = WordCounts()
  private var indices = WordCounts()
  private var words: [Int: String] = [:]
  /// In how many texts the word of each number occurs.
  private var indexedDocuments: [Int: Int] = [:]

  public init(
    wordLimit: Int? = nil, splitting: WordSplitting = WordSplitting(), isCharacterLevel: Bool = false,
    unknownToken: String? = nil, analyzer: (@Sendable (String) -> [String])? = nil
  ) {
    self.wordLimit = wordLimit
    self.splitting = splitting
    self.isCharacterLevel = isCharacterLevel
    self.unknownToken = unknownToken
    self.analyzer = analyzer
  }

  // MARK: What it knows

  /// Words and how often each came, in the order in which they came first.
  public var wordCounts: [(word: String, count: Int)] { counts.entries.map { ($0.word, $0.number) } }
  /// Words and in how many texts each came.
  public var documentCounts: [(word: String, count: Int)] { documents.entries.map { ($0.word, $0.number) } }
  /// Words and their numbers, by number.
  public var wordIndex: [(word: String, index: Int)] { indices.entries.map { ($0.word, $0.number) } }

  public func index(of word: String) -> Int? { indices[word] }
  public func word(at index: Int) -> String? { words[index] }
  /// In how many texts the word of this number came.
  public func documentCount(ofIndex index: Int) -> Int { indexedDocuments[index] ?? 0 }

  /// How many columns matrices have: ``wordLimit``, or one more than there are words.
  public var columnCount: Int { limit ?? indices.words.count + 1 }
  private var limit: Int? { wordLimit.flatMap { $0 == 0 ? nil : $0 } }

  // MARK: Learning

  /// Counts the words of texts, and numbers all words anew.
  ///
  /// - Throws: `invalidArgument` for an empty separator.
  public mutating func fit(on texts: some Sequence<String>) throws(KerasError) {
    for text in texts { count(try found(in: text)) }
    number()
  }

  /// The same of texts that are lists of words already.
  public mutating func fit(onWords texts: some Sequence<[String]>) {
    for text in texts { count(found(inWords: text)) }
    number()
  }

  /// Counts numbered texts, for matrices of the mode `weightedCount`.
  public mutating func fit(onSequences sequences: [[Int]]) {
    documentCount += sequences.count
    for sequence in sequences {
      for index in Set(sequence) { indexedDocuments[index, default: 0] += 1 }
    }
  }

  private func found(in text: String) throws(KerasError) -> [String] {
    if isCharacterLevel {
      return (splitting.lowers ? text.loweredAsInPython : text).unicodeScalars.map { String($0) }
    }
    if let analyzer { return analyzer(text) }
    return try splitting.words(in: text)
  }

  private func found(inWords words: [String]) -> [String] {
    splitting.lowers ? words.map(\.loweredAsInPython) : words
  }

  private mutating func count(_ words: [String]) {
    documentCount += 1
    var seen: Set<ExactText> = []
    for word in words {
      counts.add(word)
      if seen.insert(ExactText(word)).inserted { documents.add(word) }
    }
  }

  private mutating func number() {
    let sorted = counts.entries.enumerated().sorted { a, b in
      (b.element.number, a.offset) < (a.element.number, b.offset)
    }
    indices = WordCounts()
    let vocabulary = (unknownToken.map { [$0] } ?? []) + sorted.map(\.element.word)
    // A word that is the token for unknown ones keeps its place in front and takes the later number, as in
    // Keras.
    for (place, word) in vocabulary.enumerated() { indices[word] = place + 1 }
    words = [:]
    for (word, index) in indices.entries { words[index] = word }
    for (word, count) in documents.entries {
      if let index = indices[word] { indexedDocuments[index] = count }
    }
  }

  // MARK: Using

  /// The words of texts as numbers; unknown ones are left out, or have the unknown token's number.
  ///
  /// - Throws: `invalidArgument` for an empty separator.
  public func sequences(for texts: some Sequence<String>) throws(KerasError) -> [[Int]] {
    var sequences: [[Int]] = []
    for text in texts { sequences.append(sequence(of: try found(in: text))) }
    return sequences
  }

  /// The same of texts that are lists of words already.
  public func sequences(forWords texts: some Sequence<[String]>) -> [[Int]] {
    texts.map { sequence(of: found(inWords: $0)) }
  }

  private func sequence(of words: [String]) -> [Int] {
    let unknown = unknownToken.flatMap { indices[$0] }
    return words.compactMap { word in
      guard let index = indices[word] else { return unknown }
      return limit.map { index >= $0 } == true ? unknown : index
    }
  }

  /// Numbers as texts of their words, with spaces between them.
  public func texts(for sequences: some Sequence<[Int]>) -> [String] {
    let unknown = unknownToken.flatMap { indices[$0] }.flatMap { words[$0] }
    return sequences.map { sequence in
      sequence.compactMap { index in
        guard let word = words[index] else { return unknown }
        return limit.map { index >= $0 } == true ? unknown : word
      }.joined(separator: " ")
    }
  }

  /// What texts hold: `[texts, columnCount]`, float32.
  ///
  /// - Throws: `invalidArgument` before the tokenizer knows words or, for the mode `weightedCount`, texts.
  public func matrix(for texts: some Sequence<String>, mode: Mode = .binary) throws(KerasError) -> Tensor {
    try matrix(forSequences: sequences(for: texts), mode: mode)
  }

  /// The same for texts that are numbers already.
  ///
  /// - Throws: `invalidArgument`, for negative numbers, too.
  public func matrix(forSequences sequences: [[Int]], mode: Mode = .binary) throws(KerasError) -> Tensor {
    try require(
      limit != nil || !indices.words.isEmpty, "The tokenizer knows no words yet.",
      remedy: "fit it on texts first, or give it a wordLimit.")
    let columns = columnCount
    try require(columns > 0, "The tokenizer's wordLimit must be positive, found \(columns).")
    try require(
      mode != .weightedCount || documentCount > 0, "The tokenizer has seen no texts to weigh words by.",
      remedy: "fit it on texts first.")
    guard let size = checkedElementCount([sequences.count, columns]), size < 1 << 40 else {
      throw KerasError(.invalidArgument, "\(sequences.count) texts of \(columns) words are too many at once.")
    }
    if let negative = sequences.lazy.joined().first(where: { $0 < 0 }) {
      throw KerasError(.invalidArgument, "Words have numbers from 0 on, found \(negative).")
    }
    return Tensor(uninitialized: [sequences.count, columns], Float.self) { elements in
      elements.update(repeating: 0)
      for (row, sequence) in sequences.enumerated() {
        var counts: [Int: Int] = [:]
        for index in sequence where index < columns { counts[index, default: 0] += 1 }
        for (index, count) in counts {
          elements[row * columns + index] = Float(shown(count, of: index, among: sequence.count, as: mode))
        }
      }
    }
  }

  private func shown(_ count: Int, of index: Int, among total: Int, as mode: Mode) -> Double {
    switch mode {
    case .binary: 1
    case .count: Double(count)
    case .frequency: Double(count) / Double(total)
    case .weightedCount:
      (1 + log(Double(count)))
        * log(1 + Double(documentCount) / (1 + Double(documentCount(ofIndex: index))))
    }
  }
}

// MARK: - JSON

extension Tokenizer {
  /// The tokenizer as Keras' `to_json` writes it: `tokenizer_from_json` reads it.
  public func toJSON() -> String {
    func numbered<Value>(_ values: [Int: Value], _ json: (Value) -> JSON) -> JSON {
      let sorted = values.sorted { $0.key < $1.key }
      return .string(JSON.object(JSONObject(sorted.map { (String($0.key), json($0.value)) })).text())
    }
    let config: JSON = [
      "num_words": wordLimit.map(JSON.integer) ?? .null, "filters": .string(splitting.filters),
      "lower": .bool(splitting.lowers), "split": .string(splitting.separator),
      "char_level": .bool(isCharacterLevel), "oov_token": unknownToken.map(JSON.string) ?? .null,
      "document_count": .integer(documentCount), "word_counts": .string(counts.json.text()),
      "word_docs": .string(documents.json.text()), "index_docs": numbered(indexedDocuments, JSON.integer),
      "index_word": numbered(words, JSON.string), "word_index": .string(indices.json.text()),
    ]
    return (["class_name": "Tokenizer", "config": config] as JSON).text()
  }

  /// Reads what Keras or ``toJSON()`` wrote.
  ///
  /// - Throws: `invalidFile` for what is none, naming the part.
  public init(json text: String) throws(KerasError) {
    let json = try JSON(parsing: text)
    guard let config = json["config"]?.object else {
      throw KerasError(.invalidFile, "This is no tokenizer: it has no config.")
    }
    func read<Value>(_ key: String, _ expected: String, _ value: (JSON) -> Value?) throws(KerasError)
      -> Value?
    {
      guard let json = config[key], !json.isNull else { return nil }
      guard let value = value(json) else {
        throw KerasError(.invalidFile, "Expected \(expected), found \(json.text().prefix(80)).", path: [key])
      }
      return value
    }
    func table(_ key: String) throws(KerasError) -> JSONObject {
      guard let text = try read(key, "JSON in a text", \.string) else {
        throw KerasError(.invalidFile, "This is no tokenizer: its config lacks `\(key)`.")
      }
      let json = try within(key) { () throws(KerasError) in try JSON(parsing: text) }
      guard let object = json.object else {
        throw KerasError(.invalidFile, "Expected an object, found \(json.text().prefix(80)).", path: [key])
      }
      return object
    }
    func numbered<Value>(
      _ key: String, _ expected: String, _ value: (JSON) -> Value?
    ) throws(KerasError) -> [Int: Value] {
      var values: [Int: Value] = [:]
      for (index, json) in try table(key) {
        guard let index = Int(index), let value = value(json) else {
          throw KerasError(
            .invalidFile,
            "Expected \(expected) for a whole number, found \(json.text().prefix(80)) for "
              + "\(JSON.string(index).text().prefix(80)).", path: [key])
        }
        values[index] = value
      }
      return values
    }
    self.init(
      wordLimit: try read("num_words", "a whole number", \.integer),
      splitting: WordSplitting(
        filters: try read("filters", "a text", \.string) ?? "",
        lowers: try read("lower", "true or false", \.bool) ?? true,
        separator: try read("split", "a text", \.string) ?? " "),
      isCharacterLevel: try read("char_level", "true or false", \.bool) ?? false,
      unknownToken: try read("oov_token", "a text", \.string))
    documentCount = try read("document_count", "a number from 0 to 2^53", \.count) ?? 0
    counts = try WordCounts(table("word_counts"), named: "word_counts")
    documents = try WordCounts(table("word_docs"), named: "word_docs")
    indices = try WordCounts(table("word_index"), named: "word_index")
    words = try numbered("index_word", "a text", \.string)
    indexedDocuments = try numbered("index_docs", "a number from 0 to 2^53", \.count)
  }
}
