import KerasCore
import KerasFiles

/// Texts as lists of word numbers, with their labels.
public struct SequenceDataset: Hashable, Sendable {
  public struct Part: Hashable, Sendable {
    public let x: [[Int]]
    public let y: [Int]
  }

  public let training: Part
  public let test: Part
}

/// How words of published texts are numbered and which are left out, as the arguments of
/// `keras.datasets.imdb.load_data`.
///
/// As in Keras, without a word limit the least frequent word itself becomes the unknown one.
public struct WordSelection: Hashable, Sendable {
  /// Numbers below this are kept; nil for all below the largest.
  public var wordLimit: Int?
  /// So many of the most frequent words are left out.
  public var skippedCount: Int
  /// What begins every text; nil for nothing.
  public var startNumber: Int?
  /// What stands for words that are left out; nil to leave a gap.
  public var unknownNumber: Int?
  /// What is added to the numbers of words.
  public var firstNumber: Int
  /// Texts of as many words and more are left out, the one at the start included; nil for none.
  public var lengthLimit: Int?

  public init(
    wordLimit: Int? = nil, skippedCount: Int = 0, startNumber: Int? = 1, unknownNumber: Int? = 2,
    firstNumber: Int = 3, lengthLimit: Int? = nil
  ) {
    self.wordLimit = wordLimit
    self.skippedCount = skippedCount
    self.startNumber = startNumber
    self.unknownNumber = unknownNumber
    self.firstNumber = firstNumber
    self.lengthLimit = lengthLimit
  }

  /// Texts numbered from `firstNumber` on, without those that are too long, and the labels of those that stay.
  func numbered(_ part: SequenceDataset.Part) -> SequenceDataset.Part {
    var (x, y): ([[Int]], [Int]) = ([], [])
    for (words, label) in zip(part.x, part.y) {
      let text = (startNumber.map { [$0] } ?? []) + words.map { $0 &+ firstNumber }
      if let lengthLimit, lengthLimit != 0, text.count >= lengthLimit { continue }
      x.append(text)
      y.append(label)
    }
    return SequenceDataset.Part(x: x, y: y)
  }

  /// Without the words that are not wanted.
  ///
  /// - Parameter limit: of numbers, ``wordLimit`` or what the texts hold.
  func filtered(_ texts: [[Int]], limit: Int) -> [[Int]] {
    texts.map { text in
      text.compactMap { skippedCount <= $0 && $0 < limit ? $0 : unknownNumber }
    }
  }

  /// - Throws: `invalidFile` where there are no words to take a limit from.
  func limit(of texts: some Sequence<[Int]>) throws(KerasError) -> Int {
    if let wordLimit, wordLimit != 0 { return wordLimit }
    guard let largest = texts.lazy.joined().max() else {
      throw KerasError(.invalidFile, "There are no words in the texts.")
    }
    return largest
  }
}

/// An archive of lists, whose arrays are pickles, or of numbers.
struct PublishedLists {
  private let members: [NumPyMember]
  private let file: String

  init(_ path: String) throws(KerasError) {
    file = path
    members = try NumPyMember.all(in: path)
  }

  /// Lists of whole numbers.
  func lists(_ name: String) throws(KerasError) -> [[Int]] {
    let member = try member(name)
    return try within(file.escaped) { () throws(KerasError) in
      try within(name) { () throws(KerasError) in
        guard member.type.hasSuffix("O") else {
          throw KerasError(.invalidFile, "Expected lists, found elements of the type \(member.type.escaped).")
        }
        guard case .array(let array) = try PickleReader.value(in: member.bytes) else {
          throw KerasError(.invalidFile, "Expected an array of lists, found something else.")
        }
        return try array.objects().map { value throws(KerasError) in
          guard case .list(let list) = value, list.others == nil else {
            throw KerasError(.invalidFile, "Expected lists of whole numbers, found something else.")
          }
          return list.integers
        }
      }
    }
  }

  /// Whole numbers, whether as such or as Python's.
  func numbers(_ name: String) throws(KerasError) -> [Int] {
    let member = try member(name)
    guard member.type.hasSuffix("O") else { return try member.tensor().scalars() }
    return try within(file.escaped) { () throws(KerasError) in
      guard case .array(let array) = try PickleReader.value(in: member.bytes) else {
        throw KerasError(.invalidFile, "Expected an array of numbers, found something else.", path: [name])
      }
      let objects = try array.objects()
      let numbers = objects.compactMap(\.integer)
      guard numbers.count == objects.count else {
        throw KerasError(.invalidFile, "Expected whole numbers, found something else.", path: [name])
      }
      return numbers
    }
  }

  /// Texts and their labels.
  func part(_ x: String, _ y: String) throws(KerasError) -> SequenceDataset.Part {
    let (texts, labels) = (try lists(x), try numbers(y))
    guard texts.count == labels.count else {
      throw KerasError(
        .invalidFile, "\(texts.count) texts have \(labels.count) labels.", path: [file.escaped])
    }
    return SequenceDataset.Part(x: texts, y: labels)
  }

  private func member(_ name: String) throws(KerasError) -> NumPyMember {
    guard let member = members.first(where: { $0.name == name }) else {
      throw KerasError(
        .invalidFile, "The archive does not hold `\(name)`.", path: [file.escaped],
        remedy: "download the file again.")
    }
    return member
  }
}

extension SequenceDataset.Part {
  func reordered(_ order: [Int]) -> Self {
    SequenceDataset.Part(x: order.map { x[$0] }, y: order.map { y[$0] })
  }
}

/// Words and their numbers from a file of JSON.
func wordIndex(_ path: String) throws(KerasError) -> [String: Int] {
  let bytes = try readFile(path, atMost: 64 << 20)
  return try within(path.escaped) { () throws(KerasError) in
    guard let object = try JSON(parsing: bytes).object else {
      throw KerasError(.invalidFile, "Expected an object of words and numbers, found something else.")
    }
    var index: [String: Int] = [:]
    for (word, number) in object {
      guard let number = number.integer else {
        throw KerasError(.invalidFile, "The word \(JSON.string(word).text()) has no whole number.")
      }
      index[word] = number
    }
    return index
  }
}
