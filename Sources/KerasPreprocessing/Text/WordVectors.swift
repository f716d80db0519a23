import Glibc
import KerasCore

/// Vectors of words from a text file of GloVe's or word2vec's: a word a line, and its numbers behind it.
///
/// ```swift
/// let vectors = try WordVectors("glove.6B.100d.txt", for: ["", "[UNK]", "the", "fox"])
/// let embedding = Embedding(
///   inputDimension: vectors.table.shape[0], outputDimension: vectors.table.shape[1], weights: vectors.table)
/// embedding.isTrainable = false
/// ```
/// The file is read line by line, and only wanted words are kept. word2vec's first line, which says how many
/// words and numbers there are, is recognized. Words may hold spaces, as some of GloVe's do.
public struct WordVectors: Sendable {
  /// `[words, numbers]`, float32: a row for each wanted word, zeros where the file has none.
  public let table: Tensor
  /// The wanted words that the file does not have.
  public let missing: [String]

  /// Vectors for a vocabulary: row `i` is that of word `i`; nil for rows that stay 0.
  ///
  /// - Parameter dimension: how many numbers a word has; nil for what the file's beginning says.
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` with the line's number for one that has too few
  ///   numbers or something else in their place; `invalidArgument` without wanted words.
  public init(_ path: String, for vocabulary: [String?], dimension: Int? = nil) throws(KerasError) {
    var rows: [ExactText: Int] = [:]
    for (row, word) in vocabulary.enumerated() {
      // Of a word that stands twice the first counts.
      if let word, !word.isEmpty, rows[ExactText(word)] == nil { rows[ExactText(word)] = row }
    }
    try self.init(path, rows, rowCount: vocabulary.count, dimension)
  }

  /// Vectors for the words of a tokenizer: row `i` is that of the word with number `i`.
  ///
  /// - Throws: as for a vocabulary.
  public init(_ path: String, for tokenizer: Tokenizer, dimension: Int? = nil) throws(KerasError) {
    var rows: [ExactText: Int] = [:]
    let count = tokenizer.columnCount
    for (word, index) in tokenizer.wordIndex where index < count { rows[ExactText(word)] = index }
    try self.init(path, rows, rowCount: count, dimension)
  }

  private init(
    _ path: String, _ rows: [ExactText: Int], rowCount: Int, _ dimension: Int?
  ) throws(KerasError) {
    try require(!rows.isEmpty, "There are no words to find vectors for.")
    if let dimension {
      try require((1...1 << 20).contains(dimension), "Words cannot have \(dimension) numbers.")
    }
    var found: [Int: [Float]] = [:]
    var width = dimension
    try within(path.escaped) { () throws(KerasError) in
      let reader = try LineReader(path)
      while let line = try reader.next() {
        if reader.lineNumber == 1, let header = Self.header(line) {
          if width == nil { width = header }
          try Self.check(header, width, reader.lineNumber)
          continue
        }
        if line.isEmpty { continue }
        let known = width ?? line.split(separator: UInt8(ascii: " ")).count - 1
        width = known
        guard known > 0, let start = Self.numbersStart(line, known) else {
          throw Self.wrong("expected a word and \(max(known, 1)) numbers", reader.lineNumber)
        }
        // Words that are no text are nobody's.
        guard let word = String(validating: line[..<start], as: UTF8.self), let row = rows[ExactText(word)],
          found[row] == nil
        else { continue }
        found[row] = try Self.numbers(line[(start + 1)...], known, reader.lineNumber)
      }
    }
    guard let width else { throw KerasError(.invalidFile, "The file holds no words.", path: [path.escaped]) }
    guard let size = checkedElementCount([rowCount, width]), size < 1 << 38 else {
      throw KerasError(.invalidArgument, "\(rowCount) words of \(width) numbers are too many.")
    }
    table = Tensor(uninitialized: [rowCount, width], Float.self) { elements in
      elements.update(repeating: 0)
      for (row, numbers) in found {
        for (column, number) in numbers.enumerated() { elements[row * width + column] = number }
      }
    }
    missing = rows.filter { found[$0.value] == nil }.sorted { $0.value < $1.value }.map(\.key.text)
  }

  /// How many numbers words have, where the line is word2vec's first: two whole numbers.
  private static func header(_ line: [UInt8]) -> Int? {
    let parts = line.split(separator: UInt8(ascii: " "))
    let numbers = parts.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    return parts.count == 2 && numbers.count == 2 && numbers.allSatisfy { $0 > 0 } ? numbers[1] : nil
  }

  private static func check(_ said: Int, _ wanted: Int?, _ line: Int) throws(KerasError) {
    guard said == wanted, said <= 1 << 20 else {
      throw wrong("expected words of \(wanted ?? 0) numbers, found \(said)", line)
    }
  }

  /// The space in front of the last `count` numbers.
  private static func numbersStart(_ line: [UInt8], _ count: Int) -> Int? {
    var place = line.count
    // word2vec ends lines with a space.
    while place > 0, line[place - 1] == UInt8(ascii: " ") { place -= 1 }
    var left = count
    while place > 0 {
      place -= 1
      if line[place] == UInt8(ascii: " ") {
        left -= 1
        if left == 0 { return place > 0 ? place : nil }
      }
    }
    return nil
  }

  private static func numbers(
    _ text: ArraySlice<UInt8>, _ count: Int, _ line: Int
  ) throws(KerasError) -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(count)
    for part in text.split(separator: UInt8(ascii: " ")) {
      let text = String(decoding: part, as: UTF8.self)
      guard let number = Float(text), number.isFinite else {
        throw wrong("expected a number, found \(text.prefix(40).description.escaped)", line)
      }
      numbers.append(number)
    }
    guard numbers.count == count else {
      throw wrong("expected \(count) numbers, found \(numbers.count)", line)
    }
    return numbers
  }

  private static func wrong(_ what: String, _ line: Int) -> KerasError {
    KerasError(.invalidFile, "These are no vectors of words: \(what).", path: ["line \(line)"])
  }
}

/// A file's lines, one after the other, a megabyte in memory at a time.
private final class LineReader {
  private(set) var lineNumber = 0
  private let path: String
  private let file: Int32
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  private static let block = 1 << 20
  /// No word with its vector takes so much.
  private static let longestLine = 1 << 24

  init(_ path: String) throws(KerasError) {
    self.path = path
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw cannotRead(path, errno) }
    guard !isFolder(path) else { throw KerasError(.invalidFile, "Expected a file, found a folder.") }
  }

  deinit { close(file) }

  /// Without its end; nil behind the last one.
  func next() throws(KerasError) -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return line(buffer[start..<end])
      }
      searched = buffer.count
      if isAtEnd {
        defer { start = buffer.count }
        return start < buffer.count ? line(buffer[start...]) : nil
      }
      guard buffer.count - start <= Self.longestLine else {
        throw KerasError(
          .invalidFile, "The line has more than \(Self.longestLine) bytes.", path: ["line \(lineNumber + 1)"])
      }
      buffer.removeFirst(start)
      (start, searched) = (0, searched - start)
      try fill()
    }
  }

  private func fill() throws(KerasError) {
    let old = buffer.count
    buffer += [UInt8](repeating: 0, count: Self.block)
    let count = buffer.withUnsafeMutableBytes { bytes in
      readAll(file, into: UnsafeMutableRawBufferPointer(rebasing: bytes[old...]))
    }
    guard count >= 0 else { throw cannotRead(path, errno) }
    buffer.removeLast(Self.block - count)
    isAtEnd = count < Self.block
  }

  private func line(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    lineNumber += 1
    return Array(bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes)
  }
}
