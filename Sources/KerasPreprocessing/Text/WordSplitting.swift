import KerasCore

/// How ``Tokenizer``, ``textToWordSequence(_:_:)``, ``oneHot(_:count:_:)`` and
/// ``hashingTrick(_:count:hash:_:)`` find words in a text.
///
/// Texts are code points, as in Python: a letter with an accent of its own is two, and differs from the
/// composed one.
public struct WordSplitting: Hashable, Sendable {
  /// Every one of these becomes the separator.
  public var filters: String
  /// Whether letters become small ones, by Unicode's rules as Python has them.
  public var lowers: Bool
  /// What stands between words; empty words are left out.
  public var separator: String

  /// Keras' punctuation, tab and line feed; the apostrophe is not among them.
  public static let defaultFilters = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n"

  public init(filters: String = defaultFilters, lowers: Bool = true, separator: String = " ") {
    self.filters = filters
    self.lowers = lowers
    self.separator = separator
  }

  /// - Throws: `invalidArgument` for an empty separator.
  func words(in text: String) throws(KerasError) -> [String] {
    let separator = Array(separator.unicodeScalars)
    try require(!separator.isEmpty, "Words need a separator, found an empty text.")
    let filters = Set(filters.unicodeScalars)
    var scalars: [Unicode.Scalar] = []
    for scalar in (lowers ? text.loweredAsInPython : text).unicodeScalars {
      if filters.contains(scalar) { scalars += separator } else { scalars.append(scalar) }
    }
    return nonEmptyParts(scalars, separator: separator)
  }
}

/// The words of a text, as Keras' `text_to_word_sequence`.
///
/// ```swift
/// let words = try textToWordSequence("The fox, the dog.")     // ["the", "fox", "the", "dog"]
/// ```
/// - Throws: `invalidArgument` for an empty separator.
public func textToWordSequence(
  _ text: String, _ splitting: WordSplitting = WordSplitting()
) throws(KerasError) -> [String] {
  try splitting.words(in: text)
}
