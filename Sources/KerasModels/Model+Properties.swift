import KerasLayers

extension Layer {
  /// Layers kept as properties of a user's own model, by the property's name: alone, in lists and in dictionaries.
  ///
  /// - Order: superclasses first, then as declared; dictionaries by key.
  package final var propertyLayers: [(attribute: String, layer: Layer)] {
    var found: [(attribute: String, layer: Layer)] = children
    var mirrors: [Mirror] = []
    var mirror: Mirror? = Mirror(reflecting: self)
    while let current = mirror, current.subjectType != Model.self, current.subjectType != Layer.self {
      mirrors.insert(current, at: 0)
      mirror = current.superclassMirror
    }
    for (label, value) in mirrors.flatMap(\.children) {
      guard let label else { continue }
      for layer in Self.layers(in: value) where !found.contains(where: { $0.layer === layer }) {
        found.append((label, layer))
      }
    }
    return found
  }

  private static func layers(in value: Any) -> [Layer] {
    if let layer = value as? Layer { return [layer] }
    if let layers = value as? [Layer] { return layers }
    if let layers = value as? [String: Layer] { return layers.sorted { $0.key < $1.key }.map(\.value) }
    return []
  }
}
