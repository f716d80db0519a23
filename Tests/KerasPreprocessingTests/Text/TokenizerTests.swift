import KerasCore
import KerasPreprocessing
import Testing

/// What the golden cases do not say: lists of words, analyzers, JSON that is wrong.
@Suite struct TokenizerTests {
  @Test func textsMayBeListsOfWords() throws {
    var tokenizer = Tokenizer()
    tokenizer.fit(onWords: [["The", "fox"], ["a fox"]])
    #expect(tokenizer.wordIndex.map(\.word) == ["the", "fox", "a fox"])
    #expect(tokenizer.sequences(forWords: [["A FOX", "the", "dog"]]) == [[3, 1]])
    #expect(tokenizer.word(at: 2) == "fox")
    #expect(tokenizer.index(of: "the") == 1)
  }

  @Test func anAnalyzerFindsOtherWords() throws {
    var tokenizer = Tokenizer(analyzer: { $0.split(separator: "-").map(String.init) })
    try tokenizer.fit(on: ["a-b", "b"])
    #expect(tokenizer.wordIndex.map(\.word) == ["b", "a"])
  }

  @Test func sequencesCount() throws {
    var tokenizer = Tokenizer(wordLimit: 4)
    tokenizer.fit(onSequences: [[1, 1, 2], [2]])
    #expect(tokenizer.documentCount == 2)
    #expect(tokenizer.documentCount(ofIndex: 2) == 2)
    let matrix = try tokenizer.matrix(forSequences: [[1, 9, 1], []], mode: .count)
    #expect(matrix.scalars(as: Float.self) == [0, 2, 0, 0, 0, 0, 0, 0])
  }

  @Test func misuseIsToldInWords() throws {
    let tokenizer = Tokenizer()
    #expect(
      failure { () throws(KerasError) in _ = try tokenizer.matrix(for: ["a"]) } == """
        The tokenizer knows no words yet.
          try: fit it on texts first, or give it a wordLimit.
        """)
    let limited = Tokenizer(wordLimit: 3)
    #expect(
      failure { () throws(KerasError) in
        _ = try limited.matrix(forSequences: [[1]], mode: .weightedCount)
      } == """
        The tokenizer has seen no texts to weigh words by.
          try: fit it on texts first.
        """)
    #expect(
      failure { () throws(KerasError) in _ = try limited.matrix(forSequences: [[1, -2]]) }
        == "Words have numbers from 0 on, found -2.")
    #expect(
      failure { () throws(KerasError) in _ = try textToWordSequence("a", WordSplitting(separator: "")) }
        == "Words need a separator, found an empty text.")
    #expect(
      failure { () throws(KerasError) in _ = try oneHot("a", count: 1) }
        == "Hashed words need at least 2 numbers, of which 0 is not used, found 1.")
  }

  @Test func hashesAreStable() throws {
    #expect(try oneHot("the quick brown fox", count: 50) == oneHot("The quick, brown FOX", count: 50))
    #expect(try hashingTrick("a b", count: 10, hash: .custom { _ in 25 }) == [8, 8])
  }

  static let badJSON: [(String, String)] = [
    ("[]", "This is no tokenizer: it has no config."),
    (#"{"config": {}}"#, "This is no tokenizer: its config lacks `word_counts`."),
    (#"{"config": {"num_words": "ten"}}"#, "Expected a whole number, found \"ten\".\n  in: num_words"),
    (
      #"{"config": {"document_count": -1}}"#,
      "Expected a number from 0 to 2^53, found -1.\n  in: document_count"
    ),
    (
      #"{"config": {"word_counts": "{\"a\": 1.5}"}}"#,
      "Expected a number from 0 to 2^53 for \"a\", found 1.5.\n  in: word_counts"
    ),
    (
      #"{"config": {"word_counts": "{}", "word_docs": "{}", "word_index": "{}", "index_word": "{\"x\": \"a\"}"}}"#,
      "Expected a text for a whole number, found \"a\" for \"x\".\n  in: index_word"
    ),
    (#"{"config": {"word_counts": "[1]"}}"#, "Expected an object, found [1].\n  in: word_counts"),
  ]

  @Test(arguments: badJSON)
  func wrongJSONIsRefused(_ text: String, _ words: String) {
    #expect(failure { () throws(KerasError) in _ = try Tokenizer(json: text) } == words)
  }

  /// Numbers at the end of what is counted with must not overflow.
  @Test func largeNumbersInJSONAreCountedOn() throws {
    let most = 1 << 53
    let json = """
      {"config": {"oov_token": null, "document_count": \(most), "word_counts": "{\\"a\\": \(most)}",
      "word_docs": "{\\"a\\": \(most)}", "index_docs": "{\\"1\\": \(most)}", "index_word": "{\\"1\\": \\"a\\"}",
      "word_index": "{\\"a\\": 1}"}}
      """
    var tokenizer = try Tokenizer(json: json)
    try tokenizer.fit(on: ["a"])
    #expect(tokenizer.documentCount == most + 1)
    #expect(try tokenizer.matrix(for: ["a"], mode: .weightedCount).shape == [1, 2])
  }
}
