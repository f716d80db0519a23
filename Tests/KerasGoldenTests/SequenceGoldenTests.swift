import KerasTestSupport
import Testing

/// Every case of the kinds `text` and `sequence`: preparing texts and series.
@Suite struct SequenceGoldenTests {
  static let cases = GoldenFiles.all.filter { ["text", "sequence"].contains($0.kind) }

  @Test(arguments: cases)
  func golden(_ golden: GoldenCase) {
    GoldenReport.run(golden) { try SequenceCase(golden).check() }
  }

  /// So that a folder that is not found does not look like one that passes.
  @Test func thereAreCasesOfBothKinds() {
    #expect(GoldenFiles.isFolderNamed || Set(Self.cases.map(\.kind)) == ["text", "sequence"])
  }
}

/// A case of a function of Keras', called with the case's arguments.
private struct SequenceCase {
  let golden: GoldenCase
  let function: String
  let arguments: JSON

  init(_ golden: GoldenCase) throws {
    self.golden = golden
    function = try golden.text("function")
    arguments = try JSON(parsing: golden.text("arguments"))
  }

  func check() throws {
    switch function {
    case "text_to_word_sequence":
      try expect(texts().map { .array(try textToWordSequence($0, splitting).map(JSON.string)) })
    case "hashing_trick":
      guard arguments["hash_function"]?.string == "md5" else { throw UnsupportedGolden("a random hash") }
      try expect(
        texts().map { text in
          JSON(try hashingTrick(text, count: arguments["n"]?.integer ?? 0, hash: .md5, splitting))
        })
    case "Tokenizer": try checkTokenizer()
    case "pad_sequences": try expect([try padded()])
    case "make_sampling_table":
      try expect([
        Tensor(
          try makeSamplingTable(
            size: integer("size") ?? 0, samplingFactor: arguments["sampling_factor"]?.number ?? 1e-5))
      ])
    case "skipgrams": try expect(skipgramTensors())
    case "to_categorical":
      try expect([try toCategorical(golden.tensor("inputs/0"), classCount: integer("num_classes"))])
    case "to_ordinal":
      try expect([try toOrdinal(golden.tensor("inputs/0"), classCount: integer("num_classes"))])
    case "normalize":
      try expect([
        try normalize(
          golden.tensor("inputs/0"), axis: integer("axis") ?? -1, order: arguments["order"]?.number ?? 2)
      ])
    case "TimeseriesGenerator": try expect(batches(of: timeseriesGenerator()))
    case "timeseries_dataset_from_array": try expect(timeseries())
    default: throw UnsupportedGolden("the function \(function)")
    }
  }

  private func integer(_ key: String) -> Int? { arguments[key]?.integer }

  // MARK: Comparing

  private func expect(_ tensors: [Tensor]) throws {
    let count = try golden.names(in: "outputs").count
    guard tensors.count == count else {
      throw GoldenError("expected \(count) outputs, found \(tensors.count)")
    }
    for (index, tensor) in tensors.enumerated() { try golden.expect(tensor, equals: "outputs/\(index)") }
  }

  private func expect(_ lists: [JSON]) throws {
    let want = try JSON(parsing: golden.text("expect"))
    guard JSON.array(lists) == want else {
      throw GoldenError("expected \(want.text()), found \(JSON.array(lists).text())")
    }
  }

  private func texts() throws -> [String] {
    try (JSON(parsing: golden.text("texts")).array ?? []).compactMap(\.string)
  }

  // MARK: Texts

  private var splitting: WordSplitting {
    WordSplitting(
      filters: arguments["filters"]?.string ?? WordSplitting.defaultFilters,
      lowers: arguments["lower"]?.bool ?? true, separator: arguments["split"]?.string ?? " ")
  }

  private func checkTokenizer() throws {
    let texts = try JSON(parsing: golden.text("texts"))
    func list(_ key: String) -> [String] { (texts[key]?.array ?? []).compactMap(\.string) }
    var tokenizer = Tokenizer(
      wordLimit: integer("num_words"), splitting: splitting,
      isCharacterLevel: arguments["char_level"]?.bool ?? false, unknownToken: arguments["oov_token"]?.string)
    try tokenizer.fit(on: list("fit"))
    let expected = try JSON(parsing: golden.text("expect"))
    // One that went through JSON knows as much.
    for tokenizer in [tokenizer, try Tokenizer(json: tokenizer.toJSON())] {
      let modes = (arguments["modes"]?.array ?? []).compactMap(\.string)
      try expect(
        modes.map { mode in
          guard let mode = Tokenizer.Mode(rawValue: mode) else { throw UnsupportedGolden("the mode \(mode)") }
          return try tokenizer.matrix(for: list("use"), mode: mode)
        })
      for (key, want) in expected.object ?? [:] {
        let got = try facts(of: tokenizer, key, list("use"))
        guard got == want else {
          throw GoldenError("\(key): expected \(want.text()), found \(got.text())")
        }
      }
    }
  }

  private func facts(of tokenizer: Tokenizer, _ key: String, _ texts: [String]) throws -> JSON {
    func object(_ entries: [(String, Int)]) -> JSON {
      .object(JSONObject(entries.map { ($0.0, .integer($0.1)) }))
    }
    var written = try JSON(parsing: tokenizer.toJSON())
    for part in ["word_counts", "word_docs", "index_docs", "index_word", "word_index"] {
      guard var config = written["config"]?.object, let text = config[part]?.string else { continue }
      config[part] = try JSON(parsing: text)
      written = ["class_name": written["class_name"], "config": .object(config)]
    }
    switch key {
    case "word_index": return object(tokenizer.wordIndex.map { ($0.word, $0.index) })
    case "word_docs": return object(tokenizer.documentCounts.map { ($0.word, $0.count) })
    case "word_counts":
      return .array(tokenizer.wordCounts.map { .array([.string($0.word), .integer($0.count)]) })
    case "index_word", "index_docs": return written["config"]?[key] ?? .null
    case "document_count": return .integer(tokenizer.documentCount)
    case "sequences": return .array(try tokenizer.sequences(for: texts).map { JSON($0) })
    case "texts":
      return .array(tokenizer.texts(for: try tokenizer.sequences(for: texts)).map(JSON.string))
    case "to_json": return written
    default: throw UnsupportedGolden("the tokenizer's \(key)")
    }
  }

  // MARK: Sequences

  private func padded() throws -> Tensor {
    let sequences = try (arguments["sequences"]?.array ?? []).map { try Self.tensor($0) }
    let name = arguments["dtype"]?.string ?? "int32"
    guard let dataType = DataType(rawValue: name) else { throw UnsupportedGolden("the type \(name)") }
    return try padSequences(
      sequences, length: integer("maxlen"),
      padding: SequenceSide(rawValue: arguments["padding"]?.string ?? "pre") ?? .pre,
      truncating: SequenceSide(rawValue: arguments["truncating"]?.string ?? "pre") ?? .pre,
      value: arguments["value"]?.number ?? 0, dataType: dataType)
  }

  /// Nested lists of numbers.
  private static func tensor(_ json: JSON) throws -> Tensor {
    var (shape, numbers) = ([Int](), [Double]())
    func visit(_ json: JSON, depth: Int) {
      guard let list = json.array else { return numbers.append(json.number ?? .nan) }
      if shape.count == depth { shape.append(list.count) }
      for element in list { visit(element, depth: depth + 1) }
    }
    visit(json, depth: 0)
    return try Tensor(numbers, shape: shape)
  }

  /// Without a seed nothing that depends on chance is stored.
  private func skipgramTensors() throws -> [Tensor] {
    let pairs = try skipgrams(
      (arguments["sequence"]?.array ?? []).compactMap(\.integer),
      vocabularySize: integer("vocabulary_size") ?? 0, windowSize: integer("window_size") ?? 4,
      negativeSamples: arguments["negative_samples"]?.number ?? 0,
      shuffles: arguments["shuffle"]?.bool ?? false,
      samplingTable: arguments["sampling_table"]?.array?.compactMap(\.number), seed: integer("seed") ?? 0)
    let isCategorical = arguments["categorical"]?.bool ?? false
    return [pairs.coupleTensor, isCategorical ? pairs.categoricalLabels : pairs.labelTensor]
  }

  private func timeseriesGenerator() throws -> TimeseriesGenerator {
    try TimeseriesGenerator(
      golden.tensor("inputs/0"), targets: golden.tensor("inputs/1"), length: integer("length") ?? 0,
      samplingRate: integer("sampling_rate") ?? 1, stride: integer("stride") ?? 1,
      startIndex: integer("start_index") ?? 0, endIndex: integer("end_index"),
      drawingSeed: integer("seed").map { UInt32($0) },
      isReversed: arguments["reverse"]?.bool ?? false, batchSize: integer("batch_size") ?? 128)
  }

  private func timeseries() throws -> [Tensor] {
    let series = try golden.tensor("inputs/0")
    let isBatched = arguments["batch_size"]?.isNull != true
    let range = (integer("start_index") ?? 0)..<(integer("end_index") ?? series.shape[0])
    let data = try TimeseriesData(
      series, targets: golden.names(in: "inputs").count > 1 ? golden.tensor("inputs/1") : nil,
      sequenceLength: integer("sequence_length") ?? 0, sequenceStride: integer("sequence_stride") ?? 1,
      samplingRate: integer("sampling_rate") ?? 1, batchSize: isBatched ? integer("batch_size") ?? 128 : 1,
      range: range)
    let tensors = try batches(of: data)
    return isBatched ? tensors : try tensors.map { try $0.reshaped(to: Array($0.shape.dropFirst())) }
  }

  private func batches(of data: some DataSource) throws -> [Tensor] {
    let stream = try data.batches(inEpoch: 0)
    var tensors: [Tensor] = []
    while let batch = try stream.next() { tensors += batch.inputs + batch.targets }
    return tensors
  }
}
