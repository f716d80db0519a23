/// One class a classifier knows.
public struct ClassLabel: Hashable, Sendable {
  /// A unique key, such as a WordNet id (`n02504458`); the name where a label file has none.
  public let id: String
  /// The name people read, spelled as the file spells it: `African_elephant`.
  public let name: String

  public init(id: String, name: String) {
    self.id = id
    self.name = name
  }
}

/// The classes of a model in the order of its outputs.
///
/// ```swift
/// let label = ClassLabels.imageNet[386]                       // n02504458 African_elephant
/// let mine = try ClassLabels(contentsOf: "ants-bees.txt")
/// ```
public struct ClassLabels: Hashable, Sendable {
  public let labels: [ClassLabel]

  public init(_ labels: [ClassLabel]) { self.labels = labels }
}

extension ClassLabels: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { labels.count }
  public subscript(index: Int) -> ClassLabel { labels[index] }
}
