import Foundation
import KerasModels
import Testing

/// What the golden cases do not say: errors, files, and outputs of single texts.
@Suite struct TextVectorizationTests {
  @Test func oneTextIsNoBatch() throws {
    let vectorize = try TextVectorization(vocabulary: ["a", "b"])
    let numbers = try vectorize(StringTensor(["b, c A"], shape: []))
    #expect(numbers.shape == [3])
    #expect(numbers.scalars(as: Int.self) == [3, 1, 2])
    #expect(vectorize.vocabulary() == ["", "[UNK]", "a", "b"])
    #expect(vectorize.vocabularyCount == 4)
  }

  @Test func settingsMustFit() {
    func words(_ make: () throws(KerasError) -> TextVectorization) -> String? {
      do throws(KerasError) {
        _ = try make()
        return nil
      } catch {
        return error.description
      }
    }
    #expect(
      words { () throws(KerasError) in try TextVectorization(output: .count, sequenceLength: 3) }
        == "`output_sequence_length` goes with the output int only, found count.")
    #expect(
      words { () throws(KerasError) in try TextVectorization(sequenceLength: 0) }
        == "`output_sequence_length` must be from 1 to 2^24, found 0.")
    #expect(
      words { () throws(KerasError) in try TextVectorization(ngrams: .upTo(0)) }
        == "`ngrams` must be positive, found [].")
    #expect(
      words { () throws(KerasError) in
        let layer = try TextVectorization(vocabulary: ["a"], name: "words")
        _ = try layer(StringTensor([["a", "b"]]))
        return layer
      } == "Texts to be split have the shape [batch] or [batch, 1], found (1, 2).\n  in: words")
    #expect(
      words { () throws(KerasError) in
        let layer = try TextVectorization(name: "words")
        _ = try layer(StringTensor(["a"]))
        return layer
      }?.hasPrefix("The layer has no vocabulary yet.") == true)
  }

  @Test func whatWasLearntIsStoredTwiceAsKerasDoes() throws {
    let vectorize = try TextVectorization(output: .weightedCount)
    try vectorize.adapt(to: StringTensor(["a b c a", "b d"]))
    #expect(
      vectorize.assets["vocabulary.txt"].map { String(decoding: $0, as: UTF8.self) } == "[UNK]\nb\na\nd\nc")
    #expect(vectorize.children.map(\.attribute) == ["_lookup_layer"])
    #expect(vectorize.children[0].layer.assets == vectorize.assets)
    let again = try TextVectorization(output: .weightedCount)
    try again.loadArrays(vectorize.namedArrays)
    try again.loadAssets(vectorize.assets)
    #expect(again.vocabulary() == vectorize.vocabulary())
    #expect(
      again.namedArrays["idf_weights"]?.scalars(as: Float.self)
        == vectorize.namedArrays["idf_weights"]?.scalars())
  }

  @Test func modelsTakeNumbers() throws {
    let input = try SerializedObject(
      [
        "class_name": "InputLayer",
        "config": ["batch_shape": [nil, 1], "dtype": "string", "name": "review"],
      ])
    let error = #expect(throws: KerasError.self) { try Layers.deserialize(input) }
    #expect(
      error?.description == """
        The model takes texts, and what models compute with are numbers.
          in: review
          try: store what stands behind its text layer, keras.Model(text_layer.output, model.output) in Python; here, \
        call TextVectorization or StringLookup with the texts, and the model with what it returns.
        """)
  }

  @Test func vocabulariesComeFromFiles() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "keras-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("fox\r\ncaf\u{e9}\u{2028}x\n\n".utf8).write(to: URL(filePath: path))
    let vectorize = try TextVectorization()
    try vectorize.setVocabulary(fromFile: path)
    #expect(vectorize.vocabulary() == ["", "[UNK]", "fox", "caf\u{e9}\u{2028}x"])
    try Data([0x66, 0xFF]).write(to: URL(filePath: path))
    #expect(throws: KerasError.self) { try vectorize.setVocabulary(fromFile: path) }
  }

  @Test func signalsMustBeLongEnough() {
    #expect(
      failure(of: MelSpectrogram(transformLength: 64, name: "mel"), on: Input(shape: [32])) == """
        A signal of 32 samples is too short for transforms of 64.
          in: mel
          try: use a transform of less than 64, or longer signals.
        """)
    #expect(
      failure(of: STFTSpectrogram(frameLength: 8, frameStep: 9), on: Input(shape: [32, 1]))?
        .hasPrefix("A frame has from 1 to 2^20 samples and a step of at most as many, found 8 and 9.") == true
    )
  }

  /// Lengths that are not known yet, and are then.
  @Test func spectrogramsStandInModels() throws {
    let signal = Input(shape: [nil])
    let model = try Model(
      inputs: signal, outputs: MelSpectrogram(transformLength: 32, frameStep: 8, bins: 4)(signal))
    #expect(model.outputs[0].shape == [nil, 4, nil])
    #expect(try model.predict(Tensor(zeros: [3, 100])).shape == [3, 4, 13])
    let sound = Input(shape: [nil, 2])
    let other = try Model(inputs: sound, outputs: STFTSpectrogram(frameLength: 16)(sound))
    #expect(other.outputs[0].shape == [nil, nil, 18])
    #expect(try other.predict(Tensor(zeros: [3, 64, 2])).shape == [3, 7, 18])
  }
}
