import KerasLayers

/// How tensors are held together: one alone, in a list, or under names; lists and dictionaries may hold others.
///
/// Keras takes the tensors of a dictionary in the order of its sorted keys.
package indirect enum TensorStructure: Hashable, Sendable {
  case tensor
  case list([TensorStructure])
  case dictionary([Entry])

  package struct Entry: Hashable, Sendable {
    package let key: String
    package let value: TensorStructure
  }

  package init(keys: some Sequence<String>) {
    self = .dictionary(keys.sorted(by: precedesInKeras).map { Entry(key: $0, value: .tensor) })
  }

  /// Whether a plain list says the same.
  var isPlain: Bool {
    switch self {
    case .tensor: true
    case .list(let elements): elements.allSatisfy { $0 == .tensor }
    case .dictionary: false
    }
  }

  /// A name for each tensor that stands under a key: the key, or those on the way to it.
  var names: [String?] { names(under: nil) }

  private func names(under path: String?) -> [String?] {
    func below(_ key: String) -> String { path.map { "\($0).\(key)" } ?? key }
    switch self {
    case .tensor: return [path]
    case .list(let elements):
      // Places in the list of all tensors are no names.
      return elements.enumerated().flatMap { $1.names(under: path == nil ? nil : below("\($0)")) }
    case .dictionary(let entries): return entries.flatMap { $0.value.names(under: below($0.key)) }
    }
  }

  /// `leaves`, which are as many as the tensors, held together as these.
  func json(of leaves: [JSON]) -> JSON {
    var rest = leaves[...]
    return json(taking: &rest)
  }

  private func json(taking leaves: inout ArraySlice<JSON>) -> JSON {
    switch self {
    case .tensor: return leaves.popFirst() ?? .null
    case .list(let elements): return .array(elements.map { $0.json(taking: &leaves) })
    case .dictionary(let entries):
      var object = JSONObject()
      for entry in entries { object[entry.key] = entry.value.json(taking: &leaves) }
      return .object(object)
    }
  }
}

/// Python's order of texts, in which Keras sorts keys: by code points.
func precedesInKeras(_ a: String, _ b: String) -> Bool {
  a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
}
