import Foundation
import KerasFiles
import KerasTestSupport
import Testing

@testable import KerasDatasets

/// Files of data sets that are damaged, cut short or made to do harm.
@Suite struct HostileFileTests {
  private func message(ofPickle bytes: [UInt8]) -> String {
    do throws(KerasError) {
      return "\(try PickleReader.value(in: bytes))"
    } catch {
      return error.what
    }
  }

  @Test func nothingIsExecuted() {
    #expect(
      message(ofPickle: Array("cposix\nsystem\n(U\u{4}echotR.".utf8))
        == "The pickle names `posix.system`, which no data set needs.")
    #expect(
      message(ofPickle: [0x80, 4, 0x8C, 2] + Array("os".utf8) + [0x8C, 6] + Array("system".utf8) + [0x93])
        == "The pickle names `os.system`, which no data set needs.")
    // INST, OBJ, NEWOBJ, EXT1 and persistent identifiers make objects in other ways.
    for (code, hex) in [("i", "69"), ("o", "6f"), ("P", "50")] as [(Character, String)] {
      #expect(
        message(ofPickle: Array("(\(code)".utf8))
          == "The pickle has an instruction, 0x\(hex), that no data set needs.")
    }
    #expect(
      message(ofPickle: [0x29, 0x81]) == "The pickle has an instruction, 0x81, that no data set needs.")
  }

  @Test(arguments: [
    ("", "it is cut short"), (".", "it leaves no one value"), ("K", "it is cut short"),
    ("t", "a mark is missing"), ("(a", "its stack is empty"), ("h\u{1}", "it remembers what it has not seen"),
    ("NNs", "something is put into what is no dictionary"), ("cnumpy", "a name does not end"),
    ("NNR", "something is called that is no name"), ("N)b", "something is given a state that has none"),
    ("U\u{7F}abc", "it is cut short"), ("NNa", "something is appended to what is no list"),
  ])
  func damagedPickles(_ text: String, _ why: String) {
    #expect(message(ofPickle: Array(text.utf8)) == "The pickle is damaged or hostile: \(why).")
  }

  /// Freeing what is nested too deeply would overflow the stack.
  @Test func depthIsLimited() {
    let count = 300_000
    #expect(
      message(ofPickle: [UInt8](repeating: 0x5D, count: count) + [UInt8](repeating: 0x61, count: count))
        == "The pickle is hostile: it is nested too deeply.")
    #expect(
      message(ofPickle: [0x4E] + [UInt8](repeating: 0x85, count: count))
        == "The pickle is damaged or hostile: it is nested too deeply.")
    // A list in itself, and a chain that is made from its outer end.
    #expect(
      message(ofPickle: Array("]q\u{0}h\u{0}a.".utf8))
        == "The pickle is hostile: something is put into what is complete already.")
    #expect(
      message(ofPickle: Array("]q\u{0}]q\u{1}ah\u{1}]a.".utf8))
        == "The pickle is hostile: something is put into what is complete already.")
  }

  /// Sharing one tuple many times over takes no time.
  @Test func sharedPartsAreNotCountedAgain() {
    var bytes: [UInt8] = [0x4E, 0x71, 0]
    for level in 0..<14 as Range<UInt8> {
      bytes += [0x28] + (0..<200).flatMap { _ in [0x68, level] as [UInt8] } + [0x74, 0x71, level + 1]
    }
    #expect(message(ofPickle: bytes) == "The pickle is damaged or hostile: it is cut short.")
  }

  @Test func anyByteMayBeWrong() throws {
    let batch = try #require(
      try CIFARFiles.contents(
        of: ["cifar-100-python/test"], in: DatasetTests.fixture("cifar-100-python.tar.gz"))[
          "cifar-100-python/test"])
    var random = NumPyRandom(seed: 1)
    for _ in 0..<2000 {
      var bytes = batch
      for _ in 0..<random.integer(in: 1..<4) {
        let place = random.integer(in: 0..<bytes.count)
        // The pixels are most of it and cannot be wrong.
        bytes[place < 2000 ? place : place % 300] = UInt8(random.integer(in: 0..<256))
      }
      if random.integer(in: 0..<4) == 0 { bytes.removeLast(random.integer(in: 0..<bytes.count)) }
      _ = message(ofPickle: bytes)
    }
  }

  @Test func archivesCutShort() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "keras-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func cut(_ name: String) throws -> String {
      let bytes = try Data(contentsOf: URL(filePath: DatasetTests.fixture(name)))
      let path = folder.appending(path: name)
      try bytes.prefix(bytes.count / 2).write(to: path)
      return path.path
    }
    expectError(
      """
      The compressed file is damaged: it is cut short.
        in: train-images-idx3-ubyte.gz
        try: download or copy it again.
      """
    ) { () throws(KerasError) in
      _ = try IDXFile.tensor((try? cut("train-images-idx3-ubyte.gz")) ?? "", rank: 3)
    }
    let tar = try cut("cifar-10-python.tar.gz")
    #expect(throws: KerasError.self) {
      _ = try CIFARFiles.contents(of: ["cifar-10-batches-py/test_batch"], in: tar)
    }
    let list = try cut("imdb.npz")
    #expect(throws: KerasError.self) { _ = try IMDB.read(list) }
    expectError(
      """
      The archive is damaged: it does not hold cifar-10-batches-py/data_batch_9.
        in: cifar-10-python.tar.gz
        try: download or copy it again.
      """
    ) { () throws(KerasError) in
      _ = try CIFARFiles.contents(
        of: ["cifar-10-batches-py/data_batch_9"], in: DatasetTests.fixture("cifar-10-python.tar.gz"))
    }
    expectError(
      """
      Expected an IDX file of bytes with 1 axes, found something else.
        in: train-images-idx3-ubyte.gz
      """
    ) { () throws(KerasError) in
      _ = try IDXFile.tensor(DatasetTests.fixture("train-images-idx3-ubyte.gz"), rank: 1)
    }
  }

  /// A megabyte of zeros is a thousand bytes of gzip.
  @Test func bombsAreLimited() throws {
    let path = DatasetTests.fixture("train-images-idx3-ubyte.gz")
    expectError(
      """
      The compressed file is damaged: it holds more than 100 bytes.
        in: train-images-idx3-ubyte.gz
        try: download or copy it again.
      """
    ) { () throws(KerasError) in _ = try Gzip.bytes(ofFile: path, atMost: 100) }
  }
}
