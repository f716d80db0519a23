import KerasCore
import KerasPreprocessing
import Testing

@Suite struct TextFolderTests {
  /// How long each text is.
  private func lengths(_ texts: StringTensor) throws(KerasError) -> Tensor {
    Tensor(texts.elements.map { Float($0.utf8.count) })
  }

  private func batches(_ data: any DataSource, epoch: Int = 0) throws -> [Batch] {
    let stream = try data.batches(inEpoch: epoch)
    var batches: [Batch] = []
    while let batch = try stream.next() { batches.append(batch) }
    return batches
  }

  @Test func textsComeInBatchesWithTheirLabels() throws {
    let scratch = try Scratch([
      "neg/a.txt": "bad", "neg/b.txt": "worse", "pos/c.txt": "göod\n", "pos/d.txt": "", "pos/e.md": "no",
    ])
    let texts = try TextFolder(scratch.path)
    #expect(try texts.texts() == ["bad", "worse", "göod\n", ""])
    let data = try texts.data(batchSize: 3) { try lengths($0) }
    #expect(data.batchCount == 2)
    let found = try batches(data)
    #expect(found.map { $0.inputs[0].scalars(as: Int.self) } == [[3, 5, 6], [0]])
    #expect(found[0].targets[0].spec == TensorSpec([3], .int32))
    #expect(found.map { $0.targets[0].scalars(as: Int.self) } == [[0, 0, 1], [1]])
    let binary = try batches(texts.data(labelMode: .binary) { try lengths($0) })
    #expect(binary[0].targets[0].shape == [4, 1])
    let categorical = try batches(texts.data(labelMode: .categorical) { try lengths($0) })
    #expect(categorical[0].targets[0].scalars(as: Int.self) == [1, 0, 1, 0, 0, 1, 0, 1])
  }

  @Test func everyEpochHasItsOrder() throws {
    let files = Dictionary(
      uniqueKeysWithValues: (0..<9).map { ("a/\($0).txt", String(repeating: "x", count: $0)) })
    let scratch = try Scratch(files)
    let texts = try TextFolder(scratch.path, labels: .none, shuffleSeed: 1)
    let data = try texts.data { try lengths($0) }
    func order(_ epoch: Int) throws -> [Int] { try batches(data, epoch: epoch)[0].inputs[0].scalars() }
    #expect(try order(0) == order(0))
    #expect(try order(0) != order(1))
    #expect(try order(1).sorted() == Array(0..<9))
    #expect(try batches(data)[0].targets.isEmpty)
    _ = scratch
  }

  @Test func longTextsAreCutBetweenLetters() throws {
    let scratch = try Scratch(["a/x.txt": "naïve"])
    #expect(try TextFolder(scratch.path, longestText: 3).texts() == ["na"])
    #expect(try TextFolder(scratch.path, longestText: 4).texts() == ["naï"])
  }

  @Test func whatIsNoTextIsNamed() throws {
    let scratch = try Scratch(["a/good.txt": "good", "b/none.doc": ""])
    try scratch.write(Array("caf".utf8) + [0xE9, 0x20], to: "a/latin1.txt")
    let texts = try TextFolder(scratch.path)
    #expect(
      failure { () throws(KerasError) in _ = try texts.texts() } == """
        This is no text in UTF-8: byte 3 is none of a letter.
          in: \(scratch.file("a/latin1.txt"))
          try: convert it, with iconv -f latin1 -t utf-8 for instance.
        """)
    #expect(
      failure { () throws(KerasError) in _ = try TextFolder(scratch.file("b"), labels: .none) }
        == "There are no texts (.txt) in \(scratch.file("b")).")
    #expect(
      failure { () throws(KerasError) in
        _ = try TextFolder(scratch.path, classNames: ["a"]).data(labelMode: .binary) { try lengths($0) }
      } == """
        Binary labels tell 2 classes apart, found 1.
          in: \(scratch.path)
          try: use labels int or categorical.
        """)
  }
}
