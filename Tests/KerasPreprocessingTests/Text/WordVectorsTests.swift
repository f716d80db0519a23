import KerasCore
import KerasPreprocessing
import Testing

@Suite struct WordVectorsTests {
  @Test(arguments: [
    "the 0.5 1\nfox -2 3e-1\ndog 7 8\n", "2 2\nthe 0.5 1 \nfox -2 3e-1 \n", "the 0.5 1\r\n\nfox -2 0.3",
    "the 0.5 1\nfox -2 0.3\nthe 9 9\n",
  ])
  func findsWantedWords(_ text: String) throws {
    let scratch = try Scratch(["vectors.txt": text])
    let vectors = try WordVectors(scratch.file("vectors.txt"), for: [nil, "[UNK]", "fox", "the"])
    #expect(vectors.table.shape == [4, 2])
    #expect(vectors.table.scalars(as: Float.self) == [0, 0, 0, 0, -2, 0.3, 0.5, 1])
    #expect(vectors.missing == ["[UNK]"])
  }

  /// GloVe's largest file has words with spaces in them.
  @Test func wordsMayHoldSpaces() throws {
    let scratch = try Scratch(["vectors.txt": "a 1 2\nat name@domain.com 3 4\n"])
    let vectors = try WordVectors(scratch.file("vectors.txt"), for: ["at name@domain.com", "a"])
    #expect(vectors.table.scalars(as: Float.self) == [3, 4, 1, 2])
  }

  @Test func tokenizersNumberRows() throws {
    let scratch = try Scratch(["vectors.txt": "fox 1\nthe 2\n"])
    var tokenizer = Tokenizer()
    try tokenizer.fit(on: ["the the fox"])
    let vectors = try WordVectors(scratch.file("vectors.txt"), for: tokenizer)
    #expect(vectors.table.scalars(as: Float.self) == [0, 2, 1])
  }

  /// Lines that end behind the block in which they begin.
  @Test func readsBlockByBlock() throws {
    var text = ""
    for number in 0..<200_000 { text += "word\(number) \(number) 1\n" }
    let scratch = try Scratch(["vectors.txt": text])
    let vectors = try WordVectors(
      scratch.file("vectors.txt"), for: ["word199999", "word0", "word77777", "wordless"])
    #expect(vectors.table.scalars(as: Float.self) == [199_999, 1, 0, 1, 77_777, 1, 0, 0])
    #expect(vectors.missing == ["wordless"])
  }

  @Test(arguments: [
    ("", "The file holds no words.\n  in: vectors.txt"),
    ("the\n", "These are no vectors of words: expected a word and 1 numbers.\n  in: vectors.txt › line 1"),
    (
      "a 1 2\nthe 1\n",
      "These are no vectors of words: expected a word and 2 numbers.\n  in: vectors.txt › line 2"
    ),
    ("the 1 x\n", "These are no vectors of words: expected a number, found x.\n  in: vectors.txt › line 1"),
    (
      "the 1 nan\n",
      "These are no vectors of words: expected a number, found nan.\n  in: vectors.txt › line 1"
    ),
    (
      "9 99999999\nthe 1\n",
      "These are no vectors of words: expected words of 99999999 numbers, found 99999999.\n  in: vectors.txt › line 1"
    ),
  ])
  func wrongFilesAreRefused(_ text: String, _ words: String) throws {
    let scratch = try Scratch(["vectors.txt": text])
    let found = failure { () throws(KerasError) in
      _ = try WordVectors(scratch.file("vectors.txt"), for: ["the"])
    }
    #expect(found?.replacing(scratch.path + "/", with: "") == words)
  }

  @Test func longLinesEnd() throws {
    let scratch = try Scratch()
    try scratch.write([UInt8](repeating: 0x61, count: 20 << 20), to: "long.txt")
    let found = failure { () throws(KerasError) in
      _ = try WordVectors(scratch.file("long.txt"), for: ["the"])
    }
    #expect(found == "The line has more than 16777216 bytes.\n  in: \(scratch.path)/long.txt › line 1")
  }

  @Test func otherThingsAreNoFiles() throws {
    let scratch = try Scratch()
    #expect(
      failure { () throws(KerasError) in _ = try WordVectors(scratch.path, for: ["the"]) }
        == "Expected a file, found a folder.\n  in: \(scratch.path)")
    #expect(
      failure { () throws(KerasError) in _ = try WordVectors(scratch.file("none"), for: [nil]) }
        == "There are no words to find vectors for.")
  }
}
