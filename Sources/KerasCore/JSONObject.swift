/// The keys and values of a ``JSON`` object, in the order in which the keys came first.
///
/// Two objects with the same keys and values are equal in whatever order they stand. Keys are the same when
/// their UTF-8 is, so that composed and decomposed letters stay apart, as in Python.
public struct JSONObject: Sendable {
  public private(set) var keys: [String] = []
  public private(set) var values: [JSON] = []
  /// Where a key stands; only for objects with many keys, where looking at all of them would take long.
  private var positions: [Spelling: Int]?

  private static let fewKeys = 12

  public init() {}

  /// - Parameter entries: of two entries with one key the last gives the value and the first the place.
  public init(_ entries: some Sequence<(String, JSON)>) {
    for (key, value) in entries { set(value, for: key) }
  }

  /// The value of `key`. Assigning nil removes the key; `.null` is stored.
  public subscript(key: String) -> JSON? {
    get { position(of: key).map { values[$0] } }
    set {
      if let newValue { set(newValue, for: key) } else { remove(key) }
    }
  }

  mutating func set(_ value: JSON, for key: String) {
    if let known = position(of: key) {
      values[known] = value
      return
    }
    keys.append(key)
    values.append(value)
    if positions != nil {
      positions?[Spelling(text: key)] = keys.count - 1
    } else if keys.count > Self.fewKeys {
      indexKeys()
    }
  }

  private mutating func remove(_ key: String) {
    guard let known = position(of: key) else { return }
    keys.remove(at: known)
    values.remove(at: known)
    positions = nil
    if keys.count > Self.fewKeys { indexKeys() }
  }

  private mutating func indexKeys() {
    positions = Dictionary(uniqueKeysWithValues: zip(keys.lazy.map(Spelling.init(text:)), keys.indices))
  }

  private func position(of key: String) -> Int? {
    if let positions { return positions[Spelling(text: key)] }
    return keys.firstIndex { Spelling(text: $0) == Spelling(text: key) }
  }

  private struct Spelling: Hashable {
    let text: String

    static func == (a: Spelling, b: Spelling) -> Bool {
      // Equal strings may differ in their bytes, but strings of equal bytes are always equal.
      a.text == b.text && a.text.utf8.elementsEqual(b.text.utf8)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(text) }
  }
}

extension JSONObject: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { keys.count }
  public subscript(position: Int) -> (key: String, value: JSON) { (keys[position], values[position]) }
}

extension JSONObject: Hashable {
  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.count == b.count && a.allSatisfy { b[$0.key] == $0.value }
  }

  public func hash(into hasher: inout Hasher) {
    // A sum, because the order of keys does not matter.
    var sum = 0
    for (key, value) in self {
      var entry = Hasher()
      entry.combine(key)
      entry.combine(value)
      sum &+= entry.finalize()
    }
    hasher.combine(count)
    hasher.combine(sum)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public typealias Key = String
  public typealias Value = JSON?

  /// nil is null.
  public init(dictionaryLiteral elements: (String, JSON?)...) {
    self.init(elements.lazy.map { ($0.0, $0.1 ?? .null) })
  }
}
