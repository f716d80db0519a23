import KerasCore

/// Numbers of words, in the order in which the words came first.
struct WordCounts: Sendable {
  private(set) var words: [String] = []
  private(set) var numbers: [Int] = []
  private var places: [ExactText: Int] = [:]

  subscript(word: String) -> Int? {
    get { places[ExactText(word)].map { numbers[$0] } }
    set {
      guard let newValue else { return }
      if let place = places[ExactText(word)] {
        numbers[place] = newValue
      } else {
        places[ExactText(word)] = words.count
        words.append(word)
        numbers.append(newValue)
      }
    }
  }

  mutating func add(_ word: String) { self[word] = (self[word] ?? 0) + 1 }

  var entries: [(word: String, number: Int)] { zip(words, numbers).map { ($0, $1) } }
}

extension WordCounts {
  var json: JSON { .object(JSONObject(entries.map { ($0.word, .integer($0.number)) })) }

  init(_ object: JSONObject, named name: String) throws(KerasError) {
    for (word, value) in object {
      guard let number = value.count else {
        throw KerasError(
          .invalidFile,
          "Expected a number from 0 to 2^53 for \(JSON.string(word).text()), found \(value.text()).",
          path: [name])
      }
      self[word] = number
    }
  }
}

extension JSON {
  /// A whole number that may still be counted up from.
  var count: Int? { integer.flatMap { (0...1 << 53).contains($0) ? $0 : nil } }
}
