import KerasFiles
import KerasLayers

/// Weights as Keras 3 stores them: by the attributes that hold layers, and by class within a model.
extension Layer {
  /// The layer's weights and those of the layers inside.
  func storedTree() throws(KerasError) -> StoredObject {
    var (tensors, parts): ([Tensor], [StoredObject.Child]) = ([], [])
    for variable in storedVariables { tensors.append(try storedValue(of: variable)) }
    for (key, part) in storedChildren { parts.append(StoredObject.Child(key, try part.tree())) }
    var tree = StoredObject(name: name, tensors: tensors, children: parts)
    for (name, tensor) in namedArrays.sorted(by: { $0.key < $1.key }) {
      tree.variables.append(StoredWeight(name: name, tensor))
    }
    return tree
  }

  /// The layer and those inside, with the paths of their groups.
  func storedPaths(at path: String = "") -> [(path: String, layer: Layer)] {
    var found: [(path: String, layer: Layer)] = [(path, self)]
    for (key, part) in storedChildren {
      let place = path.isEmpty ? key : "\(path)/\(key)"
      switch part {
      case .layer(let layer): found += layer.storedPaths(at: place)
      case .list(let layers):
        for (key, layer) in numberedByClass(layers) { found += layer.storedPaths(at: "\(place)/\(key)") }
      }
    }
    return found
  }

  /// The layer's own, without what only adapts another.
  fileprivate var storedVariables: [Variable] {
    guard let adapted = self as? any LowRankAdaptable else { return orderedOwnWeights }
    return orderedOwnWeights.filter { !adapted.isAdapter($0) }
  }

  /// Its value, adapted where the layer is.
  private func storedValue(of variable: Variable) throws(KerasError) -> Tensor {
    guard let adapted = self as? any LowRankAdaptable, adapted.adapts(variable) else { return variable.value }
    let graph = GraphBuilder()
    let context = CallContext(graph: graph, mode: .constants)
    let sum = try adapted.adaptedWeight(in: context, as: variable.dataType)
    return try ComputeOptions().prepare(graph.finish(returning: [sum])).program.run([])[0]
  }

  /// The layers inside, alone or in lists, under the keys of the file.
  fileprivate var storedChildren: [(key: String, part: StoredPart)] {
    if let model = self as? Model, model.network != nil || model is Sequential {
      return [("layers", .list(model.layers))]
    }
    let found = self is Model ? propertyLayers : children
    var attributes: [(key: String, layers: [Layer])] = []
    var lists: Set<String> = []
    for (attribute, layer) in found {
      // `cells/lstm_cell` is an element of the list `cells`.
      let key = attribute.split(separator: "/").first.map(String.init) ?? attribute
      if key != attribute { lists.insert(key) }
      if let index = attributes.firstIndex(where: { $0.key == key }) {
        attributes[index].layers.append(layer)
      } else {
        attributes.append((key, [layer]))
      }
    }
    // Private attributes come last, as in Keras.
    func rank(_ key: String) -> (Int, String) { (key.hasPrefix("_") ? 1 : 0, key) }
    return attributes.sorted { rank($0.key) < rank($1.key) }.map { attribute in
      let isList = attribute.layers.count > 1 || lists.contains(attribute.key)
      return (attribute.key, isList ? .list(attribute.layers) : .layer(attribute.layers[0]))
    }
  }
}

/// One thing below a layer: a layer, or a list of them.
private enum StoredPart {
  case layer(Layer)
  case list([Layer])

  func tree() throws(KerasError) -> StoredObject {
    switch self {
    case .layer(let layer): return try layer.storedTree()
    case .list(let layers):
      var elements: [StoredObject.Child] = []
      for (key, layer) in numberedByClass(layers) { elements.append(StoredObject.Child(key, try layer.storedTree())) }
      return .container(elements)
    }
  }
}

/// Which weights take which arrays of a tree: found for the whole model before any is changed.
struct TreeMatch {
  private(set) var assignments: [(variable: Variable, stored: StoredWeight)] = []
  private var namedArrays: [(layer: Layer, stored: [StoredWeight])] = []
  private var adaptedLayers: [any LowRankAdaptable] = []
  private var differences: [String] = []
  private var warnings: [String] = []
  private let skipsMismatches: Bool

  /// - Throws: `weightsMismatch` with every difference, unless they are to be skipped.
  init(_ model: Model, with tree: StoredObject, in fileName: String, skipsMismatches: Bool = false)
    throws(KerasError)
  {
    self.skipsMismatches = skipsMismatches
    match(model, tree, at: model.name)
    if !differences.isEmpty {
      let list = differences.prefix(20).joined(separator: "\n  ")
      let more = differences.count > 20 ? "\n  … and \(differences.count - 20) more" : ""
      let text = "The weights do not fit the model:\n  \(list)\(more)"
      guard skipsMismatches else { throw KerasError(.weightsMismatch, text, path: [fileName]) }
      Warnings.report("\(fileName): \(text)")
    }
  }

  private mutating func match(_ layer: Layer, _ object: StoredObject, at place: String) {
    let variables = layer.storedVariables
    let others = layer.arrayNames
    let arrays = object.variables.filter { !others.contains($0.name) }
    let named = object.variables.filter { others.contains($0.name) }
    if !named.isEmpty { namedArrays.append((layer, named)) }
    if variables.count == arrays.count {
      for (variable, stored) in zip(variables, arrays) {
        if stored.shape == variable.shape {
          assignments.append((variable, stored))
          if let adapted = layer as? any LowRankAdaptable, adapted.adapts(variable) {
            adaptedLayers.append(adapted)
          }
        } else {
          differences.append(
            "\(place): expected \(variable.name) of shape \(variable.shape), found \(stored.shape).")
        }
      }
    } else {
      differences.append("\(place): expected \(variables.count) weights, found \(arrays.count).")
    }
    for (key, part) in layer.storedChildren {
      switch part {
      case .layer(let child): descend(to: child, key, in: object, at: "\(place)/\(child.name)")
      case .list(let layers):
        let list = Self.object(key, in: object) ?? StoredObject()
        for (key, child) in numberedByClass(layers) { descend(to: child, key, in: list, at: "\(place)/\(child.name)") }
      }
    }
  }

  private mutating func descend(to layer: Layer, _ key: String, in object: StoredObject, at place: String) {
    if let stored = Self.object(key, in: object) {
      // Keras 3 builds a layer given as an activation only when it is called, so that a file written before has a
      // group for it without weights; and it starts it anew when it reads the file.
      if key == "activation", stored.variables.isEmpty, stored.children.isEmpty { return }
      match(layer, stored, at: place)
    } else if !layer.weights.isEmpty {
      differences.append("\(place): expected \(layer.weights.count) weights, found nothing called \(key).")
    }
  }

  /// TF-Keras keeps some layers under private names.
  private static func object(_ key: String, in object: StoredObject) -> StoredObject? {
    object[key] ?? object["_" + key] ?? (key.hasPrefix("_") ? object[String(key.dropFirst())] : nil)
  }

  /// Reads everything, then changes the weights.
  func assign() throws(KerasError) {
    var tensors: [Tensor] = []
    for (variable, stored) in assignments {
      let tensor = try stored.tensor()
      guard
        tensor.dataType == variable.dataType
          || tensor.dataType.isFloatingPoint == variable.dataType.isFloatingPoint
      else {
        throw KerasError(
          .weightsMismatch, "Expected \(variable.dataType), found \(tensor.dataType).", path: [variable.path])
      }
      tensors.append(tensor.converted(to: variable.dataType))
    }
    for (layer, stored) in namedArrays {
      var arrays: [String: Tensor] = [:]
      for array in stored { arrays[array.name] = try array.tensor() }
      try wrappingErrors { try layer.loadArrays(arrays) }
    }
    for ((variable, _), tensor) in zip(assignments, tensors) { try variable.assign(tensor) }
    // A file holds the sum of a weight and what adapts it.
    for layer in adaptedLayers { try layer.resetAdaptation() }
  }
}
