import KerasModels
import Testing

@Suite struct LookupTests {
  @Test func numbersTextsAndBack() throws {
    let lookup = try StringLookup(vocabulary: ["the", "fox"], mask: "")
    let numbers = try lookup(StringTensor([["the", "dog", ""], ["fox", "the", "the"]]))
    #expect(numbers.shape == [2, 3])
    #expect(numbers.scalars(as: Int64.self) == [2, 1, 0, 3, 2, 2])
    let back = try StringLookup(vocabulary: ["the", "fox"], mask: "", isInverted: true)
    #expect(try back.texts(for: numbers).elements == ["the", "[UNK]", "", "fox", "the", "the"])
    #expect(lookup.vocabulary() == ["", "[UNK]", "the", "fox"])
    #expect(lookup.vocabulary(includingSpecialTokens: false) == ["the", "fox"])
  }

  /// The same letter in two spellings is two tokens, as in TensorFlow.
  @Test func textsAreTheirBytes() throws {
    let lookup = try StringLookup(vocabulary: ["caf\u{e9}", "cafe\u{301}"])
    let numbers = try lookup(StringTensor(["cafe\u{301}", "caf\u{e9}"]))
    #expect(numbers.scalars(as: Int64.self) == [2, 1])
  }

  @Test func learnsTheMostFrequentTokens() throws {
    let lookup = try IntegerLookup(maxTokens: 3)
    try lookup.adapt(to: Tensor([5, 7, 7, 9, 9, 1] as [Int64]))
    // Of equally frequent tokens the larger comes first.
    #expect(lookup.vocabulary() == [-1, 9, 7])
    #expect(lookup.config["vocabulary"] == JSON.null)
    #expect(lookup.config["vocabulary_size"] == 3)
  }

  @Test func anIntegerLookupStandsInAModel() throws {
    let input = Input(shape: [2], dataType: .int64)
    let model = try Model(
      inputs: input, outputs: IntegerLookup(vocabulary: [10, 20], output: .multiHot)(input))
    let y = try model.predict(Tensor([10, 10, 30, 20] as [Int64], shape: [2, 2]))
    #expect(y.scalars(as: Int64.self) == [0, 1, 0, 1, 0, 1])
  }

  @Test func anUnknownTokenWithoutANumberIsAnError() throws {
    let texts = try StringLookup(vocabulary: ["a"], unknownCount: 0, name: "l")
    let error = #expect(throws: KerasError.self) { try texts(StringTensor(["a", "b"])) }
    #expect(
      error?.description == "The vocabulary does not hold \"b\".\n  in: l\n"
        + "  try: leave at least one number for unknown texts (num_oov_indices).")
    let input = Input(shape: [1], dataType: .int64)
    let lookup = try IntegerLookup(vocabulary: [3], unknownCount: 0)
    let model = try Model(inputs: input, outputs: lookup(input))
    #expect(throws: KerasError.self) { try model.predict(Tensor([4] as [Int64], shape: [1, 1])) }
  }

  @Test func saysWhatIsWrong() throws {
    func message(_ make: () throws -> Void) -> String? {
      #expect(throws: KerasError.self, performing: make)?.description
    }
    #expect(
      message { _ = try StringLookup(vocabulary: ["a", "b", "a"], name: "l") }
        == "The vocabulary holds \"a\" twice.\n  in: l")
    #expect(
      message { _ = try StringLookup(vocabulary: ["a", ""], mask: "", name: "l") }
        == "The vocabulary holds the reserved token \"\".\n  in: l\n"
        + "  try: leave reserved tokens out, or put all of them in front.")
    #expect(
      message { _ = try IntegerLookup(vocabulary: [1, 2, 3], maxTokens: 3, name: "l") }
        == "A vocabulary of 4 tokens, special ones included, is larger than max_tokens, 3.\n  in: l")
    #expect(
      message { _ = try IntegerLookup(isInverted: true, output: .count) }
        == "An inverted lookup takes numbers: `output_mode` must be int.")
    #expect(
      message { _ = try IntegerLookup(vocabulary: [1], output: .weightedCount, name: "l") }
        == "Weights of tokens (idf_weights) go with the output tf_idf, and only with it.\n  in: l")
    #expect(
      message { try StringLookup(vocabulary: ["a"], name: "l").adapt(to: StringTensor(["b"])) }
        == "The layer was given a vocabulary, and learns no other.\n  in: l")
    #expect(
      message { _ = try StringLookup(name: "l")(StringTensor(["b"])) }
        == "The layer has no vocabulary yet.\n  in: l\n  try: give it one, or call adapt(to:) with data first."
    )
    #expect(
      message { _ = try StringTensor([["a"], ["b", "c"]]) }
        == "Rows of texts must have one length, found [1, 2].")
    #expect(
      failure(of: try StringLookup(vocabulary: ["a"], name: "l"), on: Input(shape: [1]))
        == "StringLookup takes texts, which no graph of numbers holds.\n  in: l\n"
        + "  try: call it with a StringTensor, and the model with its numbers.")
  }

  /// A file names no other file: a path in place of a vocabulary is refused.
  @Test func aPathIsNoVocabulary() {
    let json: JSON = ["class_name": "StringLookup", "config": ["vocabulary": "/etc/passwd", "name": "l"]]
    let error = #expect(throws: KerasError.self) { try Layers.deserialize(json) }
    #expect(
      error?.description
        == "The setting `vocabulary` must be a list of texts, found \"/etc/passwd\".\n  in: l › StringLookup")
  }
}
