import KerasFiles
import KerasLayers

/// Which weights take which arrays of a tree, as ``WeightMatch`` says of files that list layers: found and checked for
/// the whole model before any is changed.
struct TreeMatch {
  private let match: WeightMatch
  /// The weights of each layer that ``match`` counts.
  private let variables: [[Variable]]
  private let namedArrays: [(layer: Layer, stored: [StoredWeight])]
  private let adaptedLayers: [any LowRankAdaptable]
  private let warnings: [String]

  /// - Parameters:
  ///   - skipsMismatches: whether what does not fit is left alone, with a warning.
  ///   - allowsMore: whether the file may have layers beyond the model's.
  /// - Throws: `weightsMismatch` with every difference.
  init(
    _ model: Model, with tree: StoredObject, in fileName: String, skipsMismatches: Bool = false,
    allowsMore: Bool = false
  ) throws(KerasError) {
    var walk = TreeWalk()
    walk.visit(model, tree, at: "", in: "", parentIsMissing: false)
    let (strangers, unknown) = allowsMore ? ([], []) : walk.unvisited(of: tree)
    var (variables, pairs) = ([[Variable]](), [(layer: LayerSlots, stored: StoredLayer)]())
    var (named, adapted) = ([(layer: Layer, stored: [StoredWeight])](), [any LowRankAdaptable]())
    var others: [(path: [String], what: String)] = []
    for found in walk.found {
      let layer = found.layer
      let name = found.name.isEmpty ? model.name : found.name
      guard let object = found.object else {
        others.append(([name], "The layer is in the model, but not in the file."))
        continue
      }
      let known = layer.arrayNames
      let arrays = object.variables.filter { known.contains($0.name) }
      if !arrays.isEmpty { named.append((layer, arrays)) }
      let weights = layer.storedVariables
      let slots = weights.map { LayerSlots.Slot($0.name, $0.shape, $0.dataType) }
      let stored = object.variables.filter { !known.contains($0.name) }
      let path = found.path.isEmpty ? name : String(found.path.dropFirst())
      pairs.append((LayerSlots(name, slots), StoredLayer(name: path, weights: stored)))
      variables.append(weights)
      if let adaptable = layer as? any LowRankAdaptable, weights.contains(where: adaptable.adapts) {
        adapted.append(adaptable)
      }
    }
    others += strangers.map { ([$0], "The layer is in the file, but not in the model.") }
    match = try WeightMatch(pairs, others: others, in: fileName, skipsMismatches: skipsMismatches)
    (self.variables, namedArrays, adaptedLayers) = (variables, named, adapted)
    warnings = unknown.map { "\(fileName): the model has nothing for `\($0)`, which is passed over." }
  }

  /// Reads and checks everything, then changes the weights: all or, where it throws, none.
  func assign() throws(KerasError) {
    let (tensors, notes) = try match.tensors(checksFinite: true)
    var named: [(layer: Layer, arrays: [String: Tensor])] = []
    for (layer, stored) in namedArrays {
      var arrays: [String: Tensor] = [:]
      for array in stored { arrays[array.name] = try array.tensor() }
      named.append((layer, arrays))
    }
    let before = named.map(\.layer.namedArrays)
    for (index, (layer, arrays)) in named.enumerated() {
      do {
        try layer.loadArrays(arrays)
      } catch {
        for (layer, arrays) in zip(named, before).prefix(index).map({ ($0.layer, $1) }) {
          try wrappingErrors { try layer.loadArrays(arrays) }
        }
        throw KerasError(wrapping: error).within(layer.name)
      }
    }
    for (assignment, tensor) in zip(match.assignments, tensors) {
      try variables[assignment.layer][assignment.slot].assign(tensor)
    }
    // A file holds the sum of a weight and what adapts it.
    for layer in adaptedLayers { try layer.resetAdaptation() }
    for warning in warnings + match.warnings + notes { Warnings.report(warning) }
  }
}

/// Walks a model and a tree of weights at once.
private struct TreeWalk {
  struct Found {
    let layer: Layer
    /// The names of the layers down to this one, without the model's.
    let name: String
    /// The keys of the tree down to it, each behind a `/`.
    let path: String
    /// nil for a layer that the tree lacks.
    let object: StoredObject?
  }

  /// Each layer once: of one that stands in several places, the first that has its weights.
  private(set) var found: [Found] = []
  private var positions: [ObjectIdentifier: Int] = [:]
  private var visited: Set<String> = []

  mutating func visit(
    _ layer: Layer, _ object: StoredObject?, at name: String, in path: String, parentIsMissing: Bool
  ) {
    if object != nil { visited.insert(path) }
    let isMissing = object == nil
    let place = Found(layer: layer, name: name, path: path, object: object)
    if let position = positions[ObjectIdentifier(layer)] {
      let known = found[position].object
      if known?.variables.isEmpty ?? true, let object, known == nil || !object.variables.isEmpty {
        found[position] = place
      }
    } else if !isMissing || !parentIsMissing && !layer.weights.isEmpty {
      positions[ObjectIdentifier(layer)] = found.count
      found.append(place)
    }
    for (key, part) in layer.storedChildren {
      switch part {
      case .layer(let child): descend(to: child, key, in: object, below: name, path, parentIsMissing: isMissing)
      case .list(let layers):
        let (listKey, list) = object.flatMap { Self.child(key, of: $0) } ?? (key, nil)
        for (key, child) in numberedByClass(layers) {
          descend(to: child, key, in: list, below: name, path + "/" + listKey, parentIsMissing: isMissing)
        }
      }
    }
  }

  private mutating func descend(
    to layer: Layer, _ key: String, in object: StoredObject?, below name: String, _ path: String,
    parentIsMissing: Bool
  ) {
    let name = name.isEmpty ? layer.name : "\(name)/\(layer.name)"
    let stored = object.flatMap { Self.child(key, of: $0) }
    // Keras 3 builds a layer given as an activation only when it is called, so that a file written before has a
    // group for it without weights; and it starts it anew when it reads the file.
    if key == "activation", let stored, stored.object.variables.isEmpty, stored.object.children.isEmpty { return }
    visit(
      layer, stored?.object, at: name, in: path + "/" + (stored?.key ?? key), parentIsMissing: parentIsMissing)
  }

  /// TF-Keras keeps some layers under private names.
  private static func child(_ key: String, of object: StoredObject) -> (key: String, object: StoredObject)? {
    let keys = [key, "_" + key] + (key.hasPrefix("_") ? [String(key.dropFirst())] : [])
    return keys.lazy.compactMap { key in object[key].map { (key, $0) } }.first
  }

  /// Paths with arrays that the walk did not come to: elements of lists of layers, and others. How far an optimizer or
  /// a generator of random numbers got belongs to no layer.
  func unvisited(of tree: StoredObject) -> (layers: [String], others: [String]) {
    var (layers, others): ([String], [String]) = ([], [])
    for (path, object) in tree.all where !object.variables.isEmpty && !visited.contains("/" + path) {
      let keys = path.split(separator: "/")
      if path.isEmpty || keys.first == "optimizer" || keys.contains("seed_generator") { continue }
      if keys.contains("layers") { layers.append(path) } else { others.append(path) }
    }
    return (layers, others)
  }
}
