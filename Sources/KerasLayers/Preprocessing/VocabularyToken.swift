import KerasCore

/// A token that can stand in a file, one a line.
public protocol VocabularyToken: Hashable, Comparable, Sendable {
  var line: String { get }
  /// nil for a line that is no such token.
  init?(line: String)
}

extension Int64: VocabularyToken {
  public var line: String { String(self) }
  public init?(line: String) { self.init(line) }
}

extension ExactText: VocabularyToken {
  public var line: String { text }
  public init?(line: String) { self.init(line) }
}
