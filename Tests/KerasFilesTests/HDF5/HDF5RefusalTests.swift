import Foundation
import KerasCore
import Testing

@testable import KerasFiles

/// What a person reads when a file cannot be read.
@Suite struct HDF5RefusalTests {
  static let again = "\n  try: download or copy the file again."
  static let resave = "\n  try: load the file in Python and save it again with Keras or h5py's defaults."

  @Test func aMissingFile() {
    #expect(
      message { _ = try HDF5File(path: "/no/such/folder/weights.h5") }
        == "There is no file /no/such/folder/weights.h5.\n  try: check the path.")
  }

  @Test func aFolder() throws {
    try withFile([]) { path in
      let folder = URL(filePath: path).deletingLastPathComponent().path
      #expect(message { _ = try HDF5File(path: folder) } == "Expected a file, found a folder: \(folder).")
    }
  }

  @Test func aDevice() {
    #expect(
      message { _ = try HDF5File(path: "/dev/zero") }
        == "Expected a file, found a device or a pipe: /dev/zero.")
  }

  @Test func anEmptyFile() throws {
    try withFile([]) { path in
      #expect(
        message { _ = try HDF5File(path: path) }
          == "The file is empty.\n  in: weights.h5\n  try: download or copy it again.")
    }
  }

  @Test(arguments: [
    ("These are notes about weights.\n", "text"), ("<html>404</html>", "a web page, or XML"),
    ("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    ("PK\u{3}\u{4}", "a zip archive (a .keras file?)"),
  ])
  func anotherKindOfFile(content: String, guess: String) throws {
    try withFile(content.utf8) { path in
      #expect(
        message { _ = try HDF5File(path: path) } == """
          This is not an HDF5 file: the signature is missing; it looks like \(guess).
            in: weights.h5
            try: give a weight or model file that Keras saved as .h5, or download it again.
          """)
    }
  }

  /// Fifty lengths, from one byte to one byte short.
  @Test func aTruncatedFile() throws {
    let whole = try bytes(of: fixture("weights.h5"))
    for step in 0..<50 {
      let count = 1 + step * (whole.count - 2) / 49
      try withFile(whole[..<count]) { path in
        let expected =
          switch count {
          case ..<8: "The file is damaged: it ends after \(count) bytes."
          case ..<48: "The file is damaged: the superblock at byte 0 ends too early."
          default: "The file is truncated: it says it has \(whole.count) bytes, but only \(count) are there."
          }
        #expect(message { _ = try HDF5File(path: path) } == expected + "\n  in: weights.h5" + Self.again)
      }
    }
  }

  @Test func aHugeShape() throws {
    // The first kernel's shape (3, 3, 3, 1) as HDF5 stores it; its first length becomes 2⁴⁰.
    let kernel: [UInt8] = [3, 1, 4].reduce([3, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]) {
      bytes, length in
      length == 3 ? bytes : bytes + [length, 0, 0, 0, 0, 0, 0, 0]
    }
    let whole = try bytes(of: fixture("weights.h5"))
    let at = try #require(whole.indices.first { whole[$0...].starts(with: kernel) })
    var changed = whole
    changed.replaceSubrange(at..<(at + 8), with: [0, 0, 0, 0, 0, 1, 0, 0])
    try withFile(changed) { path in
      #expect(
        message { _ = try LegacyWeightFile(path: path) } == """
          The file is damaged: an array of shape (1099511627776, 3, 1, 4) and type float32 does not fit into it.
            in: weights.h5 › conv1 › conv1 › kernel:0
          """ + Self.again)
    }
  }

  @Test func aGroupInsideItself() throws {
    let root = try HDF5File(path: fixture("links.h5")).root
    // Two names of one array, and a group that contains itself: a walk meets each object once.
    #expect(try root.datasets().map { $0.path.joined(separator: "/") } == ["a/data"])
    #expect(try root.dataset(at: "a/again/again/again/data").tensor().shape == [3])
    let deep = Array(repeating: "again", count: 300).joined(separator: "/")
    let refusal = try #require(message { _ = try root.group(at: "a/" + deep) })
    #expect(
      refusal.hasPrefix("The file is damaged: groups are nested deeper than 100.\n  in: links.h5 › a › again")
    )
  }

  @Test func aTreeInsideItself() throws {
    var changed = try bytes(of: fixture("weights.h5"))
    let tree = try #require(changed.indices.first { changed[$0...].starts(with: "TREE".utf8) })
    // One level higher, with itself as its first child.
    changed[tree + 5] = 1
    for i in 0..<8 { changed[tree + 32 + i] = UInt8(truncatingIfNeeded: tree >> (8 * i)) }
    try withFile(changed) { path in
      #expect(
        message { _ = try HDF5File(path: path) }
          == "The file is damaged: a group's tree refers to itself.\n  in: weights.h5" + Self.again)
    }
  }

  @Test(arguments: [
    ("links.h5", "soft", "The name only points to another, /a/data, and such links are not followed."),
    ("links.h5", "loop", "The name only points to another, /loop, and such links are not followed."),
    ("links.h5", "outside/external", "The name points into another file, and such links are not followed."),
    ("elsewhere.h5", "external", "The array's numbers are in another file, and such files are not opened."),
    ("elsewhere.h5", "virtual", "The array is virtual, made of others, and such arrays are not opened."),
    ("chunked.h5", "lzf", "The array is stored with the filter 32000 (lzf)."),
    ("types.h5", "uint64", "Expected numbers, found uint64."),
    ("types.h5", "text", "Expected numbers, found string."),
    ("types.h5", "complex", "Expected numbers, found compounds."),
  ])
  func somethingElsewhereOrElse(file: String, path: String, complaint: String) throws {
    let root = try HDF5File(path: fixture(file)).root
    let place = path.split(separator: "/").joined(separator: " › ")
    #expect(
      message { _ = try root.dataset(at: path).tensor() } == "\(complaint)\n  in: \(file) › \(place)"
        + Self.resave)
  }

  @Test func somethingThatIsNotThere() throws {
    let root = try HDF5File(path: fixture("links.h5")).root
    #expect(
      message { _ = try root.dataset(at: "a/b\u{1B}") }
        == "Expected an array at a/b\\u{1B}, found nothing.\n  in: links.h5" + Self.again)
    #expect(
      message { _ = try root.dataset(at: "a") } == "Expected an array at a, found a group.\n  in: links.h5"
        + Self.again)
  }

  @Test func aDamagedChecksum() throws {
    let whole = try bytes(of: fixture("chunked.h5"))
    let (start, end) = (whole.count / 3, whole.count)
    // Somewhere among the compressed blocks, one after the other: a changed byte never goes unnoticed.
    let original = try HDF5File(path: fixture("chunked.h5")).root.dataset(at: "all").tensor().scalars(
      as: Float.self)
    for position in stride(from: start, to: end, by: 97) {
      var changed = whole
      changed[position] ^= 0x10
      try withFile(changed) { path in
        guard let read = try? HDF5File(path: path).root.dataset(at: "all").tensor() else { return }
        #expect(read.scalars(as: Float.self) == original, "byte \(position)")
      }
    }
  }
}
